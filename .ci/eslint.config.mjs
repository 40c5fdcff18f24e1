/** What is asked of the panel's JavaScript. The host's functions and the browser's are all that it may take for granted. */

const BROWSER = [
    'AbortController', 'Blob', 'CSS', 'CustomEvent', 'DOMParser', 'DataView', 'Element', 'TextDecoder', 'DataTransfer', 'File', 'FileReader', 'HTMLDetailsElement', 'HTMLElement', 'Image', 'ImageData', 'IntersectionObserver',
    'OffscreenCanvas', 'ResizeObserver', 'URL', 'Worker', 'addEventListener', 'clearInterval', 'clearTimeout', 'createImageBitmap', 'devicePixelRatio',
    'document', 'fetch', 'Event', 'getComputedStyle', 'indexedDB', 'location', 'navigator', 'performance', 'postMessage',
    'requestAnimationFrame', 'sessionStorage', 'setInterval', 'setTimeout', 'structuredClone', 'window', 'gradioApp', 'onUiUpdate',
];

export default [
    {
        files: ['**/*.mjs'],
        languageOptions: {
            ecmaVersion: 2023, sourceType: 'module', globals: Object.fromEntries(BROWSER.map(name => [name, 'readonly'])),
        },
        rules: {
            'no-undef': 'error', 'no-unused-vars': ['error', {varsIgnorePattern: '^_$', argsIgnorePattern: '^_$'}], 'prefer-const': 'error',
            eqeqeq: ['error', 'always', {null: 'ignore'}], 'no-shadow': 'error', 'no-use-before-define': ['error', {functions: false, variables: false}],
            'no-unreachable': 'error', 'no-dupe-keys': 'error', 'no-fallthrough': 'error', 'no-self-assign': 'error', 'no-var': 'error',
            'max-len': ['error', {code: 160}], 'max-lines': ['error', 400], semi: 'error', quotes: ['error', 'single', {avoidEscape: true, allowTemplateLiterals: true}],
        },
    },
];
