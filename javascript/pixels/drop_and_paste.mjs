/** Images that are dropped or pasted: which slot they are for, before the host takes them for its own fields. */

const {fetchImage} = await import('./images.mjs' + new URL(import.meta.url).search);

const [ACCEPTS, DELIVERED] = ['data-takes', 'pixels-given'];

/** Let images be dropped and pasted on `node`; `take(files)` gets a promise of them. @type {Fn.acceptImages} */
export function acceptImages(node, take) {
    node.setAttribute(ACCEPTS, '');
    node.addEventListener(DELIVERED, event => take(/** @type {CustomEvent<Promise<Blob[]>>} */ (event).detail));
}

/**
 * Hand what is dropped and pasted to those in `place` that take images, until `signal` is aborted: a paste to the one under the
 * pointer, else to the one touched or focused last. Hosts listen on the document and the window; what captures at the window
 * comes before them. `refuse()` is called for files that are dropped beside all.
 * @type {Fn.routeImages}
 */
export function routeImages(place, refuse, signal) {
    /** @type {Element | null} */
    let touched = null;
    /** @type {Fn.listen} */
    const listen = (kinds, does) => kinds.forEach(kind => addEventListener(kind, does, {capture: true, signal}));

    /** Who takes images where an event happens. @type {Fn.targetAt} */
    function targetAt(event) {
        const target = event.composedPath()[0];
        const taker = target instanceof Element ? target.closest(`[${ACCEPTS}]`) : null;
        return place.contains(taker) ? taker : null;
    }

    /** @param {Element | null} taker */
    function mark(taker) {
        place.querySelector('.pixels-drag-over')?.classList.remove('pixels-drag-over');
        taker?.classList.add('pixels-drag-over');
    }

    /** @type {Fn.deliver} */
    const deliver = (taker, transfer) => { taker.dispatchEvent(new CustomEvent(DELIVERED, {detail: imagesIn(transfer)})); };

    listen(['pointerdown', 'focusin'], event => { touched = targetAt(event); });

    listen(['paste'], event => {
        const taker = place.querySelector(`[${ACCEPTS}]:hover`) ?? touched;
        const transfer = event.clipboardData;
        const target = event.composedPath()[0];
        const writing = target instanceof Element && target.matches(':read-write');
        if (!taker?.getClientRects().length || !transfer || !transfer.files.length && (writing || !imageUrlIn(transfer))) return;
        event.stopImmediatePropagation();
        if (!writing || !transfer.types.includes('text/plain')) event.preventDefault(); // else the text goes where it is written
        deliver(taker, transfer);
    });

    listen(['dragover', 'drop'], event => {
        const taker = targetAt(event);
        const transfer = event.dataTransfer;
        mark(null);
        // Until it is dropped, browsers tell no more than the kinds of its data. Texts may be for a text box of the panel.
        const kinds = taker ? /Files|uri-list|html/ : /Files/;
        if (!event.composedPath().includes(place) || !kinds.test(transfer.types)) return;
        event.stopImmediatePropagation();
        event.preventDefault(); // a file that nobody takes would replace the whole page
        if (event.type === 'dragover') {
            transfer.dropEffect = 'copy';
            mark(taker);
        } else if (taker) {
            deliver(taker, transfer);
        } else {
            refuse();
        }
    });
    listen(['dragleave', 'dragend'], event => { if (!event.relatedTarget) mark(null); });
}

/**
 * The image files in a drop or paste; a dragged image of a page is fetched. Raises an Error for the user.
 * @type {Fn.imagesIn}
 */
async function imagesIn(transfer) {
    // Everything is read before the first wait: afterwards browsers empty the transfer.
    const files = [...transfer.files];
    const listed = transfer.getData('text/uri-list').split('\n').find(line => line.trim() && !line.startsWith('#'));
    // Of an image inside a link, `text/uri-list` is the link: the HTML goes first.
    const address = imageUrlIn(transfer) ?? listed?.trim();
    const found = files.length || !address ? files : [await fetchImage(new URL(address, document.baseURI).href)];
    if (!found.length) throw new Error('There is no image in it.');
    return found;
}

/** The address of the first image in the HTML of a drop or paste. @type {Fn.imageUrlIn} */
const imageUrlIn = transfer => new DOMParser().parseFromString(transfer.getData('text/html'), 'text/html').querySelector('img[src]')?.getAttribute('src');
