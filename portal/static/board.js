// Factors in another order: dragged by the grip, or with Alt and an arrow. Without this script the same form moves them.
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const factors = section => all('[data-factor]', section)
const order = () => factors(document).map(factor => factor.dataset.factor).join(' ')
const say = words => { all('[data-say]')[0].textContent = words }

const save = async code => {
  const form = all('#lineup')[0], body = new FormData(form)
  body.set('order', order())
  const text = await fetch(form.action, { method: 'POST', body }).then(answer => answer.ok && answer.text()).catch(() => '')
  if (!text) return say(form.dataset.broken)
  const page = new DOMParser().parseFromString(text, 'text/html'), [next] = all('#lineup', page)
  if (!next) return location.reload()
  for (const name of ['order', 'seen']) form.elements[name].value = next.elements[name].value
  all('[data-fresh]')[0].replaceWith(all('[data-fresh]', page)[0])
  document.getElementById(code)?.focus()
  say(all('main > .note, body > .note', page)[0]?.textContent.trim() || '')
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

document.addEventListener('pointerdown', event => {
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
