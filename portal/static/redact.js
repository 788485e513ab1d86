// A box drawn with the mouse, a pen or a finger fills the four fields of the form; typing in the fields moves the box on
// the page. The form is sent as without this script.
const frame = document.querySelector('[data-draw]'), form = document.querySelector('#box')
const INCH = 72, WIDE = 612, HIGH = 792, STEP = .02
const NAMES = ['left', 'top', 'width', 'height']

if (frame && form) {
  const svg = frame.querySelector('svg'), field = name => form.elements[name]
  const box = document.createElementNS(svg.namespaceURI, 'rect')
  box.dataset.new = ''
  let from = null

  const shown = () => {
    const [x, y, width, height] = NAMES.map(name => field(name).valueAsNumber * INCH)
    if (![x, y, width, height].every(Number.isFinite) || width < 0 || height < 0) return box.remove()
    for (const [name, value] of Object.entries({ x, y, width, height })) box.setAttribute(name, value)
    svg.append(box)
  }
  const at = ({ clientX, clientY }) => {
    const { left, top, width, height } = svg.getBoundingClientRect()
    const within = (value, most) => Math.max(0, Math.min(most, value))
    return [within((clientX - left) / width, 1) * WIDE, within((clientY - top) / height, 1) * HIGH]
  }
  const rounded = (points, how) => how(points / INCH / STEP - (how === Math.ceil ? 1e-6 : -1e-6)) * STEP // never smaller
  const drawn = to => {
    const low = [0, 1].map(side => rounded(Math.min(from[side], to[side]), Math.floor))
    const high = [0, 1].map(side => rounded(Math.max(from[side], to[side]), Math.ceil))
    const values = [...low, high[0] - low[0], high[1] - low[1]]
    NAMES.forEach((name, place) => { field(name).value = values[place].toFixed(2) })
    shown()
  }
  const ended = event => {
    if (!from) return
    const large = event.type === 'pointerup' && at(event).some((value, side) => Math.abs(value - from[side]) > 3)
    from = null
    if (large) field('why').focus({ preventScroll: event.pointerType === 'mouse' })
  }

  const toggle = Object.assign(document.createElement('button'), { type: 'button', textContent: frame.dataset.draw, ariaPressed: 'false' })
  if (matchMedia('(any-pointer: coarse)').matches) frame.before(toggle)
  toggle.addEventListener('click', () => {
    toggle.ariaPressed = String(toggle.ariaPressed !== 'true')
    frame.toggleAttribute('data-drawing', toggle.ariaPressed === 'true')
  })
  svg.addEventListener('pointerdown', event => {
    if (event.button || (event.pointerType === 'touch' && toggle.ariaPressed !== 'true')) return
    event.preventDefault()
    svg.setPointerCapture(event.pointerId)
    from = at(event)
  })
  svg.addEventListener('pointermove', event => { if (from) drawn(at(event)) })
  svg.addEventListener('pointerup', ended)
  svg.addEventListener('pointercancel', ended)
  form.addEventListener('input', ({ target }) => { if (NAMES.includes(target.name)) shown() })
  form.addEventListener('focusin', ({ target }) => { if (NAMES.includes(target.name)) shown() })
  if (form.querySelector('[aria-invalid], .note')) shown()
}
