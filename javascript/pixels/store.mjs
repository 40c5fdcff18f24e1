/** The request in the browser's own storage: hosts restart often, and pages are reloaded. It leaves the browser never. */

const [DATABASE, TABLE] = ['pixels', 'requests'];

/** @type {() => Promise<IDBDatabase>} */
function opened() {
    return new Promise((done, failed) => {
        const opening = indexedDB.open(DATABASE, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
        opening.onsuccess = () => done(opening.result);
        opening.onerror = () => failed(opening.error);
    });
}

/** @type {(mode: IDBTransactionMode, question: (table: IDBObjectStore) => IDBRequest) => Promise<any>} */
async function asked(mode, question) {
    const database = await opened();
    try {
        return await new Promise((done, failed) => {
            const transaction = database.transaction(TABLE, mode);
            const asking = question(transaction.objectStore(TABLE));
            transaction.oncomplete = () => done(asking.result);
            transaction.onerror = transaction.onabort = () => failed(transaction.error);
        });
    } finally {
        database.close();
    }
}

/**
 * What was kept under `name`, or ''. Where the browser keeps nothing (a private window, a full disk), that is ''.
 * @type {(name: string) => Promise<string>}
 */
export const kept = name => asked('readonly', table => table.get(name)).then(text => text ?? '', () => '');

/**
 * Keep `text` under `name`; if that is not possible, the panel works on without.
 * @type {(name: string, text: string) => Promise<void>}
 */
export const keep = (name, text) => asked('readwrite', table => table.put(text, name)).catch(() => {});
