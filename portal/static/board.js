// Factors in another order: dragged by the grip, or with Alt and an arrow. An exhibit dragged onto another factor is moved
// there. Without this script the same forms do it.
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const factors = section => all('[data-factor]', section)
const order = () => factors(document).map(factor => factor.dataset.factor).join(' ')
const say = words => { all('[data-say]')[0].textContent = words }

const save = async code => {
  const form = all('#lineup')[0], body = new FormData(form)
  body.set('order', order())
  send(form, form.action, body, code)
}

const send = async (form, action, body, code) => {
  const text = await fetch(action, { method: 'POST', body }).then(answer => answer.ok && answer.text()).catch(() => '')
  if (!text) return say(form.dataset.broken)
  const page = new DOMParser().parseFromString(text, 'text/html'), [fresh] = all('[data-fresh]', page)
  if (!fresh) return location.reload()
  const [lineup] = all('#lineup'), [next] = all('#lineup', page)
  if (lineup && next) for (const name of ['order', 'seen']) lineup.elements[name].value = next.elements[name].value
  all('[data-fresh]')[0].replaceWith(fresh)
  document.getElementById(code)?.focus()
  say(all('main > .note, body > .note', page).map(note => note.textContent.trim()).join(' '))
}

document.addEventListener('keydown', event => {
  const factor = event.target.closest('[data-factor]'), way = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  if (!factor || !way || !event.altKey || event.ctrlKey || event.metaKey || event.target.matches('input, select')) return
  event.preventDefault()
  const list = factors(factor.parentElement), other = list[list.indexOf(factor) + way]
  if (!other) return
  way < 0 ? other.before(factor) : other.after(factor)
  save(factor.dataset.factor)
})

// An exhibit: the factor under the pointer is where it goes.
document.addEventListener('pointerdown', event => {
  const exhibit = event.target.closest('[data-grip]')?.closest('[data-exhibit]')
  if (!exhibit || event.button) return
  event.preventDefault()
  const home = exhibit.closest('[data-factor]'), stop = new AbortController()
  let over = null
  const mark = to => {
    if (over) over.ariaCurrent = null
    over = to
    if (over) over.ariaCurrent = 'true'
  }
  const on = (name, act) => addEventListener(name, act, { signal: stop.signal })
  const end = drop => {
    const to = drop && over?.dataset.factor
    stop.abort()
    mark(null)
    exhibit.ariaCurrent = null
    if (!to) return
    const form = all('#carry')[0], body = new FormData(form)
    body.set('from', exhibit.dataset.from)
    body.set('to', to)
    send(form, exhibit.dataset.exhibit, body, to)
  }
  exhibit.ariaCurrent = 'true'
  on('pointermove', ({ clientX, clientY }) => {
    scrollBy(0, clientY < 90 ? -12 : clientY > innerHeight - 90 ? 12 : 0)
    const to = document.elementFromPoint(clientX, clientY)?.closest('[data-factor]')
    mark(to && to !== home ? to : null)
  })
  on('pointerup', () => end(true))
  on('pointercancel', () => end(false))
  on('keydown', ({ key }) => key === 'Escape' && end(false))
})

document.addEventListener('pointerdown', event => {
  if (event.target.closest('[data-exhibit]')) return
  const factor = event.target.closest('[data-grip]')?.closest('[data-factor]')
  if (!factor || event.button) return
  event.preventDefault()
  const was = order(), home = factor.parentElement, next = factor.nextSibling, stop = new AbortController()
  const on = (name, act) => addEventListener(name, act, { signal: stop.signal })
  const end = undo => {
    stop.abort()
    factor.ariaCurrent = null
    if (undo) home.insertBefore(factor, next)
    else if (order() !== was) save(factor.dataset.factor)
  }
  factor.ariaCurrent = 'true'
  document.body.setPointerCapture(event.pointerId) // the factor moves, and would lose it
  on('pointermove', ({ clientY }) => {
    const over = document.elementFromPoint(home.getBoundingClientRect().left + 9, clientY)?.closest('[data-factor]')
    scrollBy(0, clientY < 90 ? -12 : clientY > innerHeight - 90 ? 12 : 0)
    if (!over || over === factor || over.parentElement !== home) return
    const { top, height } = over.getBoundingClientRect()
    clientY < top + height / 2 ? over.before(factor) : over.after(factor)
  })
  on('pointerup', () => end())
  on('pointercancel', () => end(true))
  on('keydown', ({ key }) => key === 'Escape' && end(true))
})
