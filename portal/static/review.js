// Keys for what is on the page already, and a list that narrows while one types. The page needs neither.
const $ = (selector, within = document) => within.querySelector(selector)
const keys = $('#keys')
const pages = [...document.querySelectorAll('[data-page]')]
const steps = { ArrowLeft: -1, ArrowRight: 1 }

if (matchMedia('(min-width: 64rem)').matches)
  for (const hint of document.querySelectorAll('[hidden]:is(kbd, #keys)')) hint.hidden = false

// A form that comes back to this document comes back to the page of it that was open.
document.addEventListener('submit', ({ target }) => { if (target.matches('aside form:not(.foot *)')) target.action += location.hash })

function here() {
  const open = pages.find(page => page.hash === location.hash) || pages[0]
  for (const page of pages) {
    page.ariaCurrent = page === open ? 'true' : null
    page === open ? page.dataset.tone = 'good' : delete page.dataset.tone
  }
  return pages.indexOf(open)
}
addEventListener('hashchange', here)
if (pages.length) here()

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return
  if (event.target.matches('input, textarea, select')) {
    if (event.key === 'Escape') event.target.blur()
    return
  }
  if (event.key === '?' && keys) keys.hidden = !keys.hidden
  if (keys?.hidden) return
  const target = event.key in steps ? pages[here() + steps[event.key]] : $(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)
  if (!target) return
  event.preventDefault()
  const field = target.combobox || target
  field.matches('input, select, textarea') ? field.focus() : target.click()
  if (target.matches('summary')) $('select, textarea', target.parentElement)?.focus()
})

const select = $('select[data-combobox]')
if (select) combobox(select)

function combobox(select) {
  const options = [...select.options].filter(option => option.value)
  const input = Object.assign(document.createElement('input'), { autocomplete: 'off', id: select.id, required: true, ariaExpanded: 'false' })
  const list = Object.assign(document.createElement('ul'), { id: 'factor-list', role: 'listbox', hidden: true, ariaLabel: select.labels[0].firstChild.data })
  input.role = 'combobox'
  input.setAttribute('aria-controls', list.id)
  input.setAttribute('aria-autocomplete', 'list')
  for (const name of ['aria-invalid', 'aria-describedby'])
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name))
  Object.assign(select, { id: '', required: false, hidden: true, combobox: input })
  select.before(input, list)
  let found = [], at = 0

  const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const check = () => input.setCustomValidity(select.value ? '' : select.dataset.missing)
  const close = () => { list.hidden = true; input.ariaExpanded = 'false'; input.removeAttribute('aria-activedescendant') }

  function line(option, place, wanted) {
    const item = Object.assign(document.createElement('li'), { id: `factor-${place}`, role: 'option', ariaSelected: String(place === at) })
    const start = plain(option.text).indexOf(wanted), end = start + wanted.length
    const mark = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    mark.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'))
    mark.firstChild.setAttribute('href', `${select.dataset.icons}#i-${option.dataset.mark}`)
    mark.setAttribute('aria-hidden', 'true')
    const [key, name, bold, code] = ['kbd', 'span', 'b', 'small'].map(tag => document.createElement(tag))
    key.textContent = place + 1
    code.textContent = option.dataset.tagged || option.value
    if (wanted && start >= 0 && plain(option.text).length === option.text.length) {
      bold.textContent = option.text.slice(start, end)
      name.append(option.text.slice(0, start), bold, option.text.slice(end))
    } else name.textContent = option.text
    item.append(key, mark, name, code)
    item.addEventListener('mousedown', event => { event.preventDefault(); pick(option) })
    return item
  }
  function open() {
    const wanted = plain(input.value.trim())
    found = options.filter(option => plain(`${option.text} ${option.value}`).includes(wanted)).slice(0, 9)
    at = Math.max(0, Math.min(at, found.length - 1))
    list.replaceChildren(...found.map((option, place) => line(option, place, wanted)))
    list.hidden = !found.length
    input.ariaExpanded = String(!list.hidden)
    if (found.length) input.setAttribute('aria-activedescendant', `factor-${at}`)
    else input.removeAttribute('aria-activedescendant')
  }
  function pick(option) {
    select.value = option.value
    input.value = option.text
    check()
    close()
  }

  input.addEventListener('input', () => { select.value = ''; at = 0; check(); open() })
  input.addEventListener('focus', open)
  input.addEventListener('blur', close)
  input.addEventListener('keydown', event => {
    if (list.hidden && event.key !== 'ArrowDown') return
    const digit = found[event.key - 1]
    if (digit) pick(digit)
    else if (event.key === 'Enter' && found[at]) pick(found[at])
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      at += list.hidden ? 0 : event.key === 'ArrowDown' ? 1 : -1
      open()
    } else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
  })
  if (select.value) input.value = select.selectedOptions[0].text
  check()
}
