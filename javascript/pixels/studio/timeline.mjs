/** The time line: a slider over the denoising steps, and the curve by which greys are released, over the map's greys. */

const {element, freshId, pen: penOf} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {releaseTime} = await import('../engine/maps.mjs' + new URL(import.meta.url).search);

const [WIDTH, HEIGHT, BINS] = [220, 110, 44];

/** `show(edit)` draws; `moved()` is called when the slider was moved. @type {(moved: () => void) => TimeLine} */
export function timeline(moved) {
    const slider = element('input', {type: 'range', id: freshId(), min: 0, max: 20, step: 1, value: 0, on: {input: moved}});
    const said = element('output', {class: 'pixels-told', for: slider.id});
    const graph = element('canvas', {width: WIDTH * 2, height: HEIGHT * 2, class: 'pixels-curve', role: 'img'});
    const node = element(
        'div', {class: 'pixels-timeline'},
        element('div', {class: 'pixels-when'}, element('label', {for: slider.id}, 'Step'), slider, said),
        element(
            'div', {class: 'pixels-graph'}, graph,
            element('p', {class: 'pixels-told'}, 'Across: greys of the map, black to white, and how often they are there. Up: when they are released.'),
        ),
    );

    /** How far the sampler has come at the step that is looked at; null before the first. */
    const progress = () => (slider.valueAsNumber === 0 ? null : (slider.valueAsNumber - 1) / Number(slider.max));

    /** @type {Does.draw} */
    function draw(threshold, steps, lightness, at) {
        const pen = penOf(graph);
        const style = getComputedStyle(graph);
        const time = releaseTime(threshold);
        const heightAt = (/** @type {number} */ moment) => 2 + (1 - moment) * (HEIGHT - 4);
        pen.setTransform(2, 0, 0, 2, 0, 0);
        pen.clearRect(0, 0, WIDTH, HEIGHT);
        const counts = new Uint32Array(BINS);
        for (const value of lightness) counts[Math.min(BINS - 1, Math.floor(value * BINS))] += 1;
        const most = Math.log1p(Math.max(...counts));
        pen.globalAlpha = 0.3;
        pen.fillStyle = style.color;
        counts.forEach((count, i) => {
            const tall = most ? Math.log1p(count) / most * (HEIGHT - 8) : 0;
            pen.fillRect(i * WIDTH / BINS, HEIGHT - tall, WIDTH / BINS - 1, tall);
        });
        pen.globalAlpha = 1;
        pen.strokeStyle = style.getPropertyValue('--pixels-mark') || 'orange';
        pen.lineWidth = 2;
        pen.beginPath();
        for (let m = 0; m <= 100; m++) pen.lineTo(m / 100 * WIDTH, heightAt(time(m / 100, steps)));
        pen.stroke();
        if (at === null) return;
        pen.setLineDash([4, 3]);
        pen.lineWidth = 1;
        pen.beginPath();
        pen.moveTo(0, heightAt(at));
        pen.lineTo(WIDTH, heightAt(at));
        pen.stroke();
        pen.setLineDash([]);
    }

    return {
        node, progress,
        show({threshold, steps, release, lightness}) {
            slider.max = String(steps);
            const at = progress();
            let held = 0;
            if (at !== null) for (const time of release) if (time > at) held += 1;
            const words = at === null
                ? `${steps} steps. Move the slider to see what is still held at each.`
                : `${slider.value} of ${steps}: ${Math.round(held / release.length * 100)} % of the picture is still held; the rest is free.`;
            if (said.textContent !== words) said.textContent = words; // else screen readers would say it again
            slider.setAttribute('aria-valuetext', at === null ? 'before the first' : `${slider.value} of ${steps}`);
            graph.setAttribute('aria-label', `When each grey is released by the threshold ${threshold}, over how often it is in the map`);
            draw(threshold, steps, lightness, at);
        },
    };
}
