// Keys for what is on the page already, and a list that narrows while one types. The page needs neither.
const $ = (selector, within = document) => within.querySelector(selector)
const keys = $('#keys')
const steps = { ArrowLeft: -1, ArrowRight: 1 }
const zooms = [50, 75, 100, 125, 150, 200, 300] // per cent; 100: 8.5 inches wide
const INCHES = 816 // that in pixels
let pages = [], zoom = 'fit'

// A form that comes back to this document comes back to the page of it that was open.
document.addEventListener('submit', ({ target }) => { if (target.matches('aside form:not(.foot *)')) target.action += location.hash })

function begin() {
  if (matchMedia('(min-width: 64rem)').matches)
    for (const hint of document.querySelectorAll('[hidden]:is(kbd, #keys, [data-digit-hint])')) hint.hidden = false
  pages = [...document.querySelectorAll('[data-page]')]
  if (pages.length) here()
  if ($('[data-zooms]')) size(zoom)
  const select = $('select[data-combobox]')
  if (select && !select.combobox) combobox(select)
  lieAgain()
}
document.addEventListener('page', begin)

function here() {
  const open = pages.find(page => page.hash === location.hash) || pages[0]
  for (const page of pages) {
    page.ariaCurrent = page === open ? 'true' : null
    page === open ? page.dataset.tone = 'good' : delete page.dataset.tone
  }
  return pages.indexOf(open)
}
addEventListener('hashchange', () => { if (pages.length) here() })

// A page that was turned or moved: once it is made anew, the button is where it was.
document.addEventListener('submit', ({ target, submitter }) => {
  const page = target.closest('[data-lie]')
  if (page) sessionStorage.setItem('lie', `${location.pathname} ${page.dataset.lie} ${submitter?.value}`)
})
function lieAgain() {
  const [path, leaf, pressed] = (sessionStorage.getItem('lie') || '').split(' ')
  const page = path === location.pathname && $(`[data-lie="${leaf}"]`)
  if (!page) return
  sessionStorage.removeItem('lie')
  page.open = true
  ;($(`[value="${pressed}"]`, page) || $('summary', page)).focus()
}

// How large the pages are shown: it stays so from document to document.
function size(to) {
  const bar = $('[data-zooms]'), sheet = bar.parentElement
  bar.hidden = false
  zoom = to
  sheet.dataset.zoom = to
  for (const button of bar.querySelectorAll('[data-zoom-to]')) button.ariaPressed = String(button.dataset.zoomTo === String(to))
}
function step(by) {
  const now = zoom === 'fit' ? ($('[data-zooms]').parentElement.querySelector('.page')?.clientWidth || INCHES) / INCHES * 100 : zoom
  return by > 0 ? zooms.find(each => each > now + 1) || zooms.at(-1) : zooms.findLast(each => each < now - 1) || zooms[0]
}
document.addEventListener('click', ({ target }) => {
  const { zoomTo, zoomBy } = target.closest('button')?.dataset || {}
  if (zoomTo) size(zoomTo === 'fit' ? 'fit' : Number(zoomTo))
  if (zoomBy) size(step(Number(zoomBy)))
})

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return
  if (event.target.matches('input, textarea, select')) {
    if (event.key === 'Escape') event.target.blur()
    if (event.target.matches('[data-digits]')) digit(event)
    return
  }
  if (event.key === '?' && keys) keys.hidden = !keys.hidden
  if (keys?.hidden) return
  const key = CSS.escape(event.key.toLowerCase())
  const target = event.key in steps ? pages[here() + steps[event.key]]
    : $(`[data-of="${here() + 1}"] [data-page-key="${key}"]`) || $(`[data-key~="${key}"]`)
  if (!target || event.key === ' ') return
  event.preventDefault()
  const field = target.combobox || target
  field.matches('input, select, textarea') ? field.focus() : target.click()
  if (target.matches('summary')) $('select, textarea', target.parentElement)?.focus()
})

// A list of reasons: a digit chooses one, Enter sends it; what the client reads stands below.
function digit(event) {
  const option = event.target.options[Number(event.key)]
  if (event.key === 'Enter') event.target.form.requestSubmit()
  else if (/^[1-9]$/.test(event.key) && option) {
    event.target.value = option.value
    event.target.dispatchEvent(new Event('input', { bubbles: true }))
  } else return
  event.preventDefault()
}
document.addEventListener('input', ({ target }) => {
  if (target.matches('[data-digits]')) $('[data-reads]:not(option)').textContent = target.selectedOptions[0]?.dataset.reads || ''
})

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
  const suggested = (select.dataset.suggested || '').split(' ')
  let found = [], at = -1

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
    code.textContent = option.dataset.tagged || (suggested.includes(option.value) && select.dataset.guess) || option.value
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
    const offered = wanted ? options : options.toSorted((one, other) => suggested.includes(other.value) - suggested.includes(one.value))
    found = offered.filter(option => plain(`${option.text} ${option.value}`).includes(wanted)).slice(0, 9)
    at = Math.max(wanted ? 0 : -1, Math.min(at, found.length - 1)) // with nothing typed, Enter chooses nothing
    list.replaceChildren(...found.map((option, place) => line(option, place, wanted)))
    list.hidden = !found.length
    input.ariaExpanded = String(!list.hidden)
    if (found[at]) input.setAttribute('aria-activedescendant', `factor-${at}`)
    else input.removeAttribute('aria-activedescendant')
  }
  function pick(option) {
    select.value = option.value
    input.value = option.text
    select.dispatchEvent(new Event('input', { bubbles: true }))
    check()
    close()
  }

  input.addEventListener('input', () => { select.value = ''; at = -1; check(); open() })
  input.addEventListener('focus', open)
  input.addEventListener('blur', close)
  input.addEventListener('keydown', event => {
    if (event.key === 'Enter' && !input.value.trim() && at < 0) return empty(event)
    if (list.hidden && event.key !== 'ArrowDown') return
    const digit = found[event.key - 1]
    if (digit) pick(digit)
    else if (event.key === 'Enter' && found[at]) pick(found[at])
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      at += list.hidden ? 0 : event.key === 'ArrowDown' ? 1 : -1
      open()
    } else if (event.key === 'Escape') {
      close()
      if (!input.value) return // and out of the field
    } else return
    event.preventDefault()
  })
  // Nothing to add any more: on with it.
  function empty(event) {
    event.preventDefault()
    $(`[data-key~="${select.dataset.empty}"]`)?.click()
  }
  if (select.value) input.value = select.selectedOptions[0].text
  check()
}

begin()
