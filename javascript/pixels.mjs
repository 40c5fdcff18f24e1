/**
 * The only file that the WebUI loads by itself: it waits until a mount point becomes visible, then loads the panel into it.
 *
 * The WebUI adds a modification time to this file's URL, but not to the modules in `pixels/`. So Python writes their newest
 * one into the mount point, and each module passes it on to its imports: after an update no old module comes from the cache.
 */

const mounted = new WeakSet();

/** A mount point has no size until its script is selected. */
const visible = new ResizeObserver(async entries => {
    for (const {target, contentRect} of entries) {
        const node = /** @type {HTMLElement} */ (target);
        if (!contentRect.width) continue;
        visible.unobserve(node);
        /** @type {import('./pixels/panel.mjs')} */
        const {mount} = await import(String(new URL(`./pixels/panel.mjs?${node.dataset.version}`, import.meta.url)));
        // The WebUI may remove the node and insert it again; it is then mounted again.
        mount(node, gradioApp(), () => mounted.delete(node));
    }
});

function mountAll() {
    for (const node of gradioApp().querySelectorAll('.pixels-panel')) {
        if (mounted.has(node)) continue;
        mounted.add(node);
        visible.observe(node);
    }
}

onUiUpdate(mountAll);
mountAll();
