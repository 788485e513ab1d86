// The tabs in another order: dragged by the grip, or with Alt and an arrow. Without this script the same form moves them.
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const rows = () => all('tr[data-document]')
const order = () => rows().map(row => row.dataset.document).join(' ')
const say = words => { all('[data-say]')[0].textContent = words }
let line = Promise.resolve(), waiting = 0, unsaved = false

const save = (row, button) => {
  waiting++
  line = line.then(() => send(row?.dataset.document, button))
  all('[data-key=u]')[0]?.remove() // it would undo what was before
}

const send = async (id, button) => {
  const form = all('#tabs')[0], body = new FormData(form)
  body.append(...(button ? [button.name, button.value] : ['order', order()]))
  const text = await fetch(form.action, { method: 'POST', body }).then(answer => answer.ok && answer.text()).catch(() => '')
  waiting--
  unsaved = !text
  if (unsaved) return say(form.dataset.broken)
  const page = new DOMParser().parseFromString(text, 'text/html'), [next] = all('#tabs', page)
  if (!next) return location.reload()
  form.elements.seen.value = next.elements.seen.value
  if (!waiting) renew(page, id, button)
}

const renew = (page, id, button) => {
  const news = all('[data-fresh]', page), typed = all('tr [open] [name=title]')
  all('[data-fresh]').forEach((part, place) => part.replaceWith(news[place]))
  for (const { id, value } of typed)
    for (const field of all(`#${id}`)) { field.value = value; field.closest('details').open = true }
  const row = rows().find(row => row.dataset.document === id), [note] = all('main > .note', page)
  const same = button && all(`[name=${button.name}][value="${button.value}"]`)[0]
  if (document.activeElement === document.body) (same || row?.querySelector('a') || all('#plan')[0]).focus()
  say(note.textContent + (row && note.dataset.tone === 'good' ? row.dataset.place : ''))
}

document.addEventListener('submit', event => {
  if (event.target.id !== 'tabs') return
  event.preventDefault()
  save(event.submitter.closest('tr'), event.submitter)
})

document.addEventListener('keydown', event => {
  const row = event.target.closest('tr[data-document]'), list = rows(), way = { ArrowUp: -1, ArrowDown: 1, k: -1, j: 1 }[event.key]
  if (!way || event.ctrlKey || event.metaKey || event.target.matches('input') || event.altKey !== event.key.length > 1) return
  const other = list[row ? list.indexOf(row) + way : 0]
  if (!other || event.altKey && !row) return
  event.preventDefault()
  if (event.altKey) way < 0 ? other.before(row) : other.after(row)
  ;(event.altKey ? row : other).querySelector('a').focus()
  if (event.altKey) save(row)
})

document.addEventListener('pointerdown', event => {
  const row = event.target.closest('[data-grip]')?.closest('tr')
  if (!row || event.button) return
  event.preventDefault()
  const was = order(), home = row.parentElement, next = row.nextSibling, stop = new AbortController()
  const on = (name, act) => addEventListener(name, act, { signal: stop.signal })
  const end = undo => {
    stop.abort()
    row.ariaCurrent = null
    if (undo) home.insertBefore(row, next)
    else if (order() !== was) save(row)
  }
  row.ariaCurrent = 'true'
  document.body.setPointerCapture(event.pointerId) // the row moves, and would lose it
  on('pointermove', ({ clientY }) => {
    const over = document.elementFromPoint(row.getBoundingClientRect().left + 9, clientY)?.closest('tr[data-document]')
    scrollBy(0, clientY < 90 ? -12 : clientY > innerHeight - 90 ? 12 : 0)
    if (!over || over === row) return
    const { top, height } = over.getBoundingClientRect()
    clientY < top + height / 2 ? over.before(row) : over.after(row)
  })
  on('pointerup', () => end())
  on('pointercancel', () => end(true))
  on('keydown', ({ key }) => key === 'Escape' && end(true))
})

addEventListener('online', () => unsaved && save())
