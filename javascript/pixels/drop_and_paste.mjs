/** Dropped and pasted images, routed to their slot before the WebUI takes them for its own fields. */

const {fetchImage} = await import('./images.mjs' + new URL(import.meta.url).search);

const [ACCEPTS, DELIVERED] = ['data-takes', 'pixels-given'];

/** Accept dropped and pasted images on `node`; `take(files)` gets a promise of them. @type {Fn.acceptImages} */
export function acceptImages(node, take) {
    node.setAttribute(ACCEPTS, '');
    node.addEventListener(DELIVERED, event => take(/** @type {CustomEvent<Promise<Blob[]>>} */ (event).detail));
}

/**
 * Route drops and pastes to elements in `root` that accept images, until `signal` is aborted: a paste to the one under the pointer,
 * else to the one touched or focused last. WebUIs listen on the document and the window; capturing at the window comes first.
 * `refuse()` is called for files that are dropped elsewhere in `root`.
 * @type {Fn.routeImages}
 */
export function routeImages(root, refuse, signal) {
    /** @type {Element | null} */
    let touched = null;
    /** @type {Fn.listen} */
    const listen = (kinds, listener) => kinds.forEach(kind => addEventListener(kind, listener, {capture: true, signal}));

    /** @type {Fn.targetAt} */
    function targetAt(event) {
        const target = event.composedPath()[0];
        const acceptor = target instanceof Element ? target.closest(`[${ACCEPTS}]`) : null;
        return root.contains(acceptor) ? acceptor : null;
    }

    /** @param {Element | null} acceptor */
    function mark(acceptor) {
        root.querySelector('.pixels-drag-over')?.classList.remove('pixels-drag-over');
        acceptor?.classList.add('pixels-drag-over');
    }

    /** @type {Fn.deliver} */
    const deliver = (acceptor, transfer) => { acceptor.dispatchEvent(new CustomEvent(DELIVERED, {detail: imagesIn(transfer)})); };

    listen(['pointerdown', 'focusin'], event => { touched = targetAt(event); });

    listen(['paste'], event => {
        const acceptor = root.querySelector(`[${ACCEPTS}]:hover`) ?? touched;
        const transfer = event.clipboardData;
        const target = event.composedPath()[0];
        const editable = target instanceof Element && target.matches(':read-write');
        if (!acceptor?.getClientRects().length || !transfer || !transfer.files.length && (editable || !imageUrlIn(transfer))) return;
        event.stopImmediatePropagation();
        if (!editable || !transfer.types.includes('text/plain')) event.preventDefault(); // else the text is pasted as usual
        deliver(acceptor, transfer);
    });

    listen(['dragover', 'drop'], event => {
        const acceptor = targetAt(event);
        const transfer = event.dataTransfer;
        mark(null);
        // Before the drop, browsers tell only the types. Text may be for a text box of the panel.
        const kinds = acceptor ? /Files|uri-list|html/ : /Files/;
        if (!event.composedPath().includes(root) || !kinds.test(transfer.types)) return;
        event.stopImmediatePropagation();
        event.preventDefault(); // a file dropped elsewhere would replace the page
        if (event.type === 'dragover') {
            transfer.dropEffect = 'copy';
            mark(acceptor);
        } else if (acceptor) {
            deliver(acceptor, transfer);
        } else {
            refuse();
        }
    });
    listen(['dragleave', 'dragend'], event => { if (!event.relatedTarget) mark(null); });
}

/**
 * The image files in a drop or paste; an image dragged from a page is fetched. Throws an Error for the user.
 * @type {Fn.imagesIn}
 */
async function imagesIn(transfer) {
    // Read before the first `await`: browsers empty the transfer afterwards.
    const files = [...transfer.files];
    const listed = transfer.getData('text/uri-list').split('\n').find(line => line.trim() && !line.startsWith('#'));
    // For an image inside a link, `text/uri-list` is the link, so the HTML comes first.
    const url = imageUrlIn(transfer) ?? listed?.trim();
    const found = files.length || !url ? files : [await fetchImage(new URL(url, document.baseURI).href)];
    if (!found.length) throw new Error('No image was dropped or pasted.');
    return found;
}

/** The URL of the first image in the HTML. @type {Fn.imageUrlIn} */
const imageUrlIn = transfer => new DOMParser().parseFromString(transfer.getData('text/html'), 'text/html').querySelector('img[src]')?.getAttribute('src');
