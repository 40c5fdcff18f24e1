/** Pictures out of what was dropped or pasted: files, or pictures of a page (the result gallery, another tab). */

/**
 * Whether a drag may carry a picture. Until it is dropped, browsers tell no more than the kinds of its data.
 * @type {(transfer: DataTransfer | null) => transfer is DataTransfer}
 */
export const mayHavePicture = transfer => transfer !== null &&
    ['Files', 'text/uri-list', 'text/html'].some(kind => transfer.types.includes(kind));

/**
 * Whether a paste brings a picture: a file, or one of a page.
 * @type {(transfer: DataTransfer | null) => boolean}
 */
export const bringsPicture = transfer => Boolean(transfer?.files.length || transfer?.types.includes('text/html'));

/**
 * The host listens on the whole page for drops and pastes, and would put the picture into its own field as well.
 * @type {(event: Event) => void}
 */
export function claim(event) {
    event.preventDefault();
    event.stopPropagation();
}

/**
 * The picture files in a drop or paste; a dragged picture of a page is fetched. Raises an Error for the user.
 * @type {(transfer: DataTransfer | null) => Promise<Blob[]>}
 */
export async function picturesIn(transfer) {
    if (!transfer) return [];
    // Everything is read before the first wait: afterwards browsers empty the transfer.
    const files = [...transfer.files];
    const address = files.length ? null : addressIn(transfer);
    if (files.length) return files;
    return address ? [await fetched(address)] : [];
}

/**
 * The address of a dragged picture. Of a picture inside a link, `text/uri-list` is the link: the HTML goes first.
 * @type {(transfer: DataTransfer) => string | null}
 */
function addressIn(transfer) {
    const page = new DOMParser().parseFromString(transfer.getData('text/html'), 'text/html');
    const source = page.querySelector('img[src]')?.getAttribute('src');
    const listed = transfer.getData('text/uri-list').split('\n').find(line => line.trim() && !line.startsWith('#'));
    const address = source ?? listed?.trim();
    return address ? new URL(address, document.baseURI).href : null;
}

/**
 * The picture at an address. Raises an Error for the user.
 * @type {(address: string) => Promise<Blob>}
 */
export async function fetched(address) {
    try {
        const answer = await fetch(address);
        if (answer.ok) return await answer.blob();
    } catch {
        // Told below: pages of other origins rarely allow that their pictures are read.
    }
    throw new Error('This picture cannot be fetched from its page; save it and drop the file.');
}
