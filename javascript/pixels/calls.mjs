/** The request as programs send it to the host's API. */

const PROMPT = 'a meadow at sunset';

/** @type {(request: object, source: string) => object} */
const payload = (request, source) => ({
    init_images: [source],
    prompt: PROMPT,
    denoising_strength: 0.6,
    script_name: 'pixels',
    script_args: [request],
});

/**
 * A Python program. `'` is escaped, so the JSON can be one raw literal whatever texts it holds.
 * @type {(request: object, origin: string) => string}
 */
export function pythonCall(request, origin) {
    const json = JSON.stringify(payload(request, 'SOURCE')).replaceAll("'", '\\u0027');
    return `import base64
import json
from pathlib import Path

import requests

payload = json.loads(r'''${json}''')
payload["init_images"] = [base64.b64encode(Path("source.png").read_bytes()).decode()]

answer = requests.post("${origin}/sdapi/v1/img2img", json=payload, timeout=600)
if not answer.ok:
    raise SystemExit(answer.text)
for number, picture in enumerate(answer.json()["images"]):
    Path(f"edit-{number}.png").write_bytes(base64.b64decode(picture))
`;
}

/**
 * A curl command. The body goes in by standard input: pictures are longer than what a command line may hold.
 * @type {(request: object, origin: string) => string}
 */
export function curlCall(request, origin) {
    return `curl -sS ${origin}/sdapi/v1/img2img -H "Content-Type: application/json" --data-binary @- <<'REQUEST'
${JSON.stringify(payload(request, 'BASE64_OF_THE_SOURCE_PICTURE'))}
REQUEST
`;
}
