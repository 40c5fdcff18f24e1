/**
 * The only file that the host loads by itself: it waits for mount points to be seen and hands them to the panel's modules.
 *
 * The host puts this file's age into its address, but knows nothing of the modules in `pixels/`. So Python writes the
 * newest age of them all into the mount point, and every module hands it on to those that it imports: after an update
 * no old module can come out of the browser's cache.
 */

const known = new WeakSet();

/** A place has no size until its script is chosen, and gets one then, wherever on the page it is. */
const opened = new ResizeObserver(async entries => {
    for (const {target, contentRect} of entries) {
        const place = /** @type {HTMLElement} */ (target);
        if (!contentRect.width) continue;
        opened.unobserve(place);
        /** @type {import('./pixels/panel.mjs')} */
        const {mount} = await import(String(new URL(`./pixels/panel.mjs?${place.dataset.version}`, import.meta.url)));
        // The host may take the place out of the page and put it back; it is then mounted anew.
        mount(place, gradioApp(), () => known.delete(place));
    }
});

function look() {
    for (const place of gradioApp().querySelectorAll('.pixels-panel')) {
        if (known.has(place)) continue;
        known.add(place);
        opened.observe(place);
    }
}

onUiUpdate(look);
look();
