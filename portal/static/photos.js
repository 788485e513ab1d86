// A step of the plan without a new page: the pictures stay on this phone instead of being fetched again, and focus stays
// on the button. Without this script the same form does the same.
const section = () => document.querySelector('#photos')
const frame = (root, id) => root.querySelector(`#${id} > .page`)

// The new section with the pictures that are here already. A picture that changes its document would be fetched anew.
const redrawn = next => {
  const kept = []
  for (const { id } of next.querySelectorAll('[data-photo]')) {
    const [old, fresh] = [frame(section(), id)?.firstChild, frame(next, id)?.firstChild]
    if (!old || !fresh) continue
    old.alt = fresh.alt
    fresh.remove()
    kept.push([id, old])
  }
  section().replaceWith(next)
  for (const [id, picture] of kept) frame(next, id).prepend(picture)
  draw()
}

document.addEventListener('submit', async event => {
  const { target: form, submitter } = event
  if (form.id !== 'arrange' || submitter.value === 'save') return
  event.preventDefault()
  const answer = await fetch(form.action, { method: 'POST', body: new FormData(form, submitter) }).catch(() => null)
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), 'text/html')
  const next = page && page.querySelector('#photos')
  if (!next) return location.reload()
  history.pushState(null, '', answer.url.split('#')[0])
  redrawn(next)
  const again = section().querySelector(`[name=do][value="${submitter.value}"]`)
  ;(again || section().querySelector(`#photo-${submitter.value.split('-')[1]}`))?.focus()
})

addEventListener('popstate', () => location.reload())

// Where the suggestion would cut, drawn over the picture. A photo stands centred at the top of its page, as large as the
// box takes it (documents/preparing/geometry.py), so all that has to be found in the picture is how wide and how tall.
const TOP = 27.36 / 792, WIDE = .92, TALL = .92, LETTER = 792 / 612 // fractions of the page
const dark = (data, at) => Math.min(data[at], data[at + 1], data[at + 2]) < 235

const extent = image => {
  const width = 170, height = 220, canvas = Object.assign(document.createElement('canvas'), { width, height })
  const ink = canvas.getContext('2d')
  ink.drawImage(image, 0, 0, width, height)
  const { data } = ink.getImageData(0, 0, width, height)
  let [right, bottom] = [0, 0]
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (dark(data, 4 * (y * width + x))) [right, bottom] = [Math.max(right, x + 1), y + 1]
  return [2 * (right / width - .5), bottom / height - TOP] // of the page
}

const outline = frame => {
  const [left, top, right, bottom, tilt] = frame.dataset.outline.split(' ').map(Number), image = frame.querySelector('img')
  const [wide, tall] = extent(image), turn = tilt * Math.PI / 180
  if (Math.max(wide / WIDE, tall / TALL) < .95) return // it does not fill its box: this is not how such a photo lies
  const corners = [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => {
    const [across, down] = [(x - .5) * wide, (y - .5) * tall * LETTER] // from its centre, straightened
    const [was, below] = [across * Math.cos(turn) + down * Math.sin(turn), down * Math.cos(turn) - across * Math.sin(turn)]
    return [.5 + was, (TOP + tall / 2) + below / LETTER].map(part => (part * 100).toFixed(2))
  })
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), line = document.createElementNS(svg.namespaceURI, 'polygon')
  for (const [name, value] of [['viewBox', '0 0 100 100'], ['preserveAspectRatio', 'none'], ['aria-hidden', 'true']]) svg.setAttribute(name, value)
  line.setAttribute('points', corners.join(' '))
  line.setAttribute('vector-effect', 'non-scaling-stroke')
  svg.append(line)
  frame.append(svg)
}

const draw = () => document.querySelectorAll('[data-outline]:not(:has(svg))').forEach(frame => {
  const image = frame.querySelector('img')
  image.complete && image.naturalWidth ? outline(frame) : image.addEventListener('load', () => outline(frame), { once: true })
})
draw()
