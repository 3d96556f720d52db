/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * What the page's script does, in the reader's browser: switches, hints under the pointer or the keyboard's focus, and
 * trials that open when something leads to them. Its own text is put into the page, so it may use nothing from outside.
 */
export function enliven(): void {
  document.documentElement.classList.add('live');
  const hint = document.body.appendChild(document.createElement('div'));
  hint.id = 'hint';
  hint.hidden = true;
  const targetOf = (link: Element) => {
    const address = link.getAttribute('href') ?? link.getAttribute('xlink:href') ?? '';
    return document.getElementById(address.slice(1));
  };

  for (const section of document.querySelectorAll('section.table')) {
    const boxes = [...section.querySelectorAll<HTMLInputElement>('.switches input')];
    const apply = () => {
      const off = new Set(boxes.filter((box) => !box.checked).map((box) => `${box.name} ${box.value}`));
      const isOff = ({ dataset }: HTMLElement) =>
        off.has(`setting ${dataset.setting}`) || off.has(`arm ${dataset.arm}`);
      for (const part of section.querySelectorAll<HTMLElement>('[data-setting], [data-arm]'))
        part.hidden = isOff(part);
      for (const link of section.querySelectorAll('svg a'))
        link.classList.toggle('off', targetOf(link)?.closest<HTMLElement>('[data-arm]')?.hidden === true);
    };
    for (const box of boxes) box.addEventListener('change', apply);
    // Browsers keep what was switched when a page is loaded again.
    apply();
  }

  /** Of a curve, the measurement nearest to the pointer: the line has a corner for each. */
  const pointAt = (link: Element, target: HTMLElement, event: Event): string => {
    const points = target.dataset.curve?.split(' ');
    const line = link.querySelector<SVGPathElement>('path');
    const matrix = line?.getScreenCTM();
    if (points === undefined || !(event instanceof MouseEvent) || !line || !matrix) return '';
    const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()).x;
    const corners = [...line.getAttribute('d')!.matchAll(/[ML]([^,]+),/g)].map((match) => Number(match[1]));
    const distances = corners.map((corner) => Math.abs(corner - x));
    const nearest = points[distances.indexOf(Math.min(...distances))];
    return nearest === undefined ? '' : `; ${nearest.replace(':', ' updates: ')}`;
  };
  const show = (event: Event) => {
    const link = (event.target as Element).closest('svg a');
    const target = link && targetOf(link);
    hint.hidden = !target;
    if (!link || !target) return;
    hint.textContent = (target.dataset.hint ?? '') + pointAt(link, target, event);
    const box = link.getBoundingClientRect();
    const at =
      event instanceof MouseEvent ? { x: event.clientX, y: event.clientY } : { x: box.left, y: box.bottom };
    hint.style.left = `${Math.max(0, Math.min(at.x + 12, innerWidth - hint.offsetWidth - 4))}px`;
    hint.style.top = `${Math.min(at.y + 14, innerHeight - hint.offsetHeight - 4)}px`;
  };
  document.addEventListener('mousemove', show);
  document.addEventListener('focusin', show);

  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let part = target?.closest('details'); part; part = part.parentElement?.closest('details'))
      part.open = true;
    target?.scrollIntoView();
  };
  addEventListener('hashchange', openTarget);
  openTarget();
}
