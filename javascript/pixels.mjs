/**
 * The only file that the host loads by itself: it waits for mount points and hands them to the panel's modules.
 *
 * The host puts this file's age into its address, but knows nothing of the modules in `pixels/`. So Python writes the
 * newest age of them all into the mount point, and every module hands it on to those that it imports: after an update
 * no old module can come out of the browser's cache.
 */

const mounted = new WeakSet();

async function mountAll() {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (gradioApp().querySelectorAll('.pixels-panel'))) {
        if (mounted.has(place)) continue;
        mounted.add(place);
        /** @type {import('./pixels/panel.mjs')} */
        const {mount} = await import(String(new URL(`./pixels/panel.mjs?${place.dataset.version}`, import.meta.url)));
        // The host may take the place out of the page and put it back; it is then mounted anew.
        mount(place, gradioApp(), () => mounted.delete(place));
    }
}

onUiUpdate(mountAll);
mountAll();
