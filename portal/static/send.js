// Shows what was chosen, and how much of it is on its way. Without this script the same form sends the same files.
const sized = bytes => {
  const [number, unit] = bytes < 1 << 20 ? [bytes / 1024, 'KB'] : [bytes / (1 << 20), 'MB']
  return `${number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`
}

const say = (form, words, tone = 'wait') => {
  const line = form.querySelector('[data-say]')
  const [clock, warn] = line.querySelectorAll('svg')
  clock.toggleAttribute('hidden', tone !== 'wait')
  warn.toggleAttribute('hidden', tone === 'wait')
  line.hidden = !words
  line.dataset.tone = tone
  if (line.lastElementChild.textContent !== words) line.lastElementChild.textContent = words
}

const show = form => {
  const { mostBytes, mostFiles, heavy, tooMany } = form.dataset
  const files = [...form.querySelector('[type=file]').files]
  const list = form.querySelector('[data-chosen]')
  list.replaceChildren(...files.map(file => {
    const row = form.querySelector('template').content.firstElementChild.cloneNode(true)
    row.querySelector('b').textContent = file.name
    row.querySelector('small').textContent = sized(file.size) + (file.size > mostBytes ? ` · ${heavy}` : '')
    return row
  }))
  list.hidden = !files.length
  say(form, files.length > mostFiles ? tooMany : '', 'do')
}

const busy = (form, yes) => {
  form.toggleAttribute('data-busy', yes)
  form.querySelector('.go').ariaDisabled = yes ? 'true' : null
  form.querySelector('progress').hidden = !yes
}

const answered = (form, request) => {
  busy(form, false)
  if (request.responseURL !== new URL(form.action, location).href) return location.assign(request.responseURL)
  const main = new DOMParser().parseFromString(request.responseText, 'text/html').querySelector('main')
  if (!main) return say(form, request.status === 413 ? form.dataset.tooMuch : form.dataset.broken, 'stop')
  document.querySelector('main').replaceWith(main)
  scrollTo(0, 0)
}

const send = form => {
  const request = new XMLHttpRequest()
  const bar = form.querySelector('progress')
  let told = 0
  request.upload.onprogress = ({ loaded, total, timeStamp }) => {
    bar.max = total
    bar.value = loaded
    if (loaded < total && timeStamp - told < 2000) return // a screen reader reads each of these
    told = timeStamp
    const words = loaded < total ? form.dataset.sending : form.dataset.keeping
    say(form, words.replace('{done}', sized(loaded)).replace('{total}', sized(total)))
  }
  request.onload = () => answered(form, request)
  request.onerror = request.onabort = () => { busy(form, false); say(form, form.dataset.broken, 'stop') }
  request.open('POST', form.action)
  request.send(new FormData(form))
  busy(form, true)
}

document.addEventListener('change', ({ target }) => target.matches('form[data-send] [type=file]') && show(target.form))
document.addEventListener('submit', event => {
  if (!event.target.matches('form[data-send]')) return
  event.preventDefault()
  if (!event.target.hasAttribute('data-busy')) send(event.target)
})
document.querySelectorAll('form[data-send]').forEach(show) // what a browser kept from before
