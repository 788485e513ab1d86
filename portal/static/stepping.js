// From document to document without loading a page anew: the one that follows is fetched, its first picture with it, while
// this one is looked at. What is typed stays in this window, for this person alone, until it is saved. No page needs this.
// Whatever binds to parts of the page does so again on the event "page".
{
  const FRESH = 30_000 // milliseconds a page that was fetched ahead is worth showing
  const one = (selector, within = document) => within.querySelector(selector)
  const main = () => document.getElementById('main')
  const walk = (within = document) => one('[data-walk]', within)
  const picture = within => within && one('section img:not([loading])', within)
  const plain = img => img.src.split('?')[0]
  const ready = new Map() // address: { at, page }; the page is a promise of a <main>
  let busy = false, shown = location.pathname

  const parsed = text => {
    const found = new DOMParser().parseFromString(text, 'text/html').getElementById('main')
    return found && walk(found) ? document.importNode(found, true) : null // imported, its first picture begins to load
  }
  const got = async (address, by) => {
    const answer = await fetch(address, { headers: { 'X-Requested-With': by } }).catch(() => null)
    return answer?.ok && !answer.redirected ? parsed(await answer.text().catch(() => '')) : null
  }
  const fetchAhead = () => {
    for (const address of [walk()?.dataset.after, walk()?.dataset.ahead]) {
      if (!address || ready.has(address)) continue
      const page = got(address, 'ahead')
      ready.set(address, { at: Date.now(), page })
      page.then(found => picture(found)?.decode().catch(() => {}))
    }
    for (const address of [...ready.keys()].slice(0, -4)) ready.delete(address)
  }
  const soon = () => setTimeout(fetchAhead, 50)
  const begin = () => {
    const first = picture(main())
    first && !first.complete ? first.addEventListener('load', soon, { once: true }) : soon()
  }

  // The page of a document: as it was fetched ahead, or anew, with the picture that is here already.
  async function page(address, anew) {
    const known = ready.get(address)
    ready.delete(address)
    const early = await known?.page
    if (early && !anew && Date.now() - known.at < FRESH) return { found: early, early: true, looked: true }
    const found = await got(address, 'fetch')
    const [img, here] = [picture(found), picture(early)]
    const looked = Boolean(img && here?.complete && here.naturalWidth && plain(img) === plain(here))
    if (looked) img.replaceWith(here)
    return { found, early: false, looked }
  }

  function show(fresh, early, looked) {
    const old = main(), same = walk(fresh).dataset.document === walk(old).dataset.document
    const scrolled = one('aside', old).scrollTop, focus = document.activeElement?.id
    const parts = same ? [[walk(old), walk(fresh)], [one('#coding', old), one('#coding', fresh)]] : [[old, fresh]]
    for (const [was, now] of parts) {
      for (const part of was.querySelectorAll('[data-refresh]')) delete part.dataset.refresh
      was.replaceWith(now)
      if (typeof follow === 'function') now.querySelectorAll('[data-refresh]').forEach(follow)
    }
    if (same) one('#coding').scrollTop = scrolled
    if (looked) arrive()
    document.dispatchEvent(new CustomEvent('page', { detail: { same, early: Boolean(early) } }))
    const field = ['id_factor', 'id_first_page', 'id_last_page', 'id_note', 'id_strength'].includes(focus) && document.getElementById('id_factor')
    ;(field || one('h1')).focus({ preventScroll: Boolean(same) })
    say([...document.querySelectorAll('[data-walk] .note')].map(note => note.textContent.trim()).join(' '))
    begin()
  }
  // What was fetched ahead is looked at now, and no look stays off the record: untold, its pictures are asked for anew.
  const arrive = () => fetch(one('[data-refresh*="/lookers/"]')?.dataset.refresh, {
    method: 'POST', body: new URLSearchParams({ csrfmiddlewaretoken: one('[name=csrfmiddlewaretoken]').value }),
  }).then(answer => answer.ok).catch(() => false).then(told => {
    for (const early of told ? [] : main().querySelectorAll('img[src*="?ahead"]')) early.src = plain(early)
  })

  // For a screen reader: a new part that says something is often not heard, a line that was there before is.
  const line = Object.assign(document.createElement('p'), { className: 'vh', role: 'status' })
  document.body.append(line)
  const say = words => { line.textContent = words }

  async function go(address, push, anew) {
    const { found, early, looked } = await page(address, anew)
    if (!found) return location.assign(address)
    if (push) history.pushState(null, '', address)
    shown = location.pathname
    show(found, early, looked)
  }
  async function alone(work) {
    if (busy) return
    busy = true
    try { await work() } finally { busy = false }
  }

  document.addEventListener('click', event => {
    const link = event.target.closest('[data-walk] :is(a[rel], .cells a)')
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    alone(() => go(link.pathname, true))
  })
  addEventListener('popstate', () => {
    if (location.pathname !== shown) alone(() => go(location.pathname, false, true))
  })

  // Sending
  document.addEventListener('submit', event => {
    const form = event.target, address = form.getAttribute('action')
    if (event.target.id === 'sign-out') sessionStorage.clear()
    if (event.defaultPrevented || !address || form.method !== 'post' || form.enctype !== 'application/x-www-form-urlencoded') return
    if (!form.closest('.work > :is([data-walk], #coding)')) return
    event.preventDefault()
    alone(() => send(form, address, new URLSearchParams(new FormData(form, event.submitter))))
  })
  async function send(form, address, body) {
    const sent = typed(form)
    const answer = await fetch(address, { method: 'POST', body, headers: { 'X-Requested-With': 'fetch' } }).catch(() => null)
    if (!answer || answer.status >= 500) return failed()
    for (const known of ready.values()) known.at = 0 // what was fetched ahead may say otherwise now; its pictures do not
    const next = answer.headers.get('X-Next')
    if (answer.ok && next !== null) return saved(sent, new URL(next, location))
    const found = answer.status === 422 || (answer.ok && answer.redirected) ? parsed(await answer.text().catch(() => '')) : null
    if (!found) return location.reload() // signed out, or somebody else's now; what was typed is kept
    if (answer.ok) forget(sent)
    show(found)
  }
  async function saved(sent, { pathname, hash }) {
    forget(sent)
    if (!pathname.startsWith('/documents/')) return location.assign(pathname)
    await go(pathname + (pathname === location.pathname ? hash || location.hash : hash), pathname !== location.pathname, true)
  }
  function failed() {
    const words = walk().dataset.failed, note = Object.assign(document.createElement('p'), { className: 'note', textContent: words })
    note.dataset.tone = 'stop'
    walk().querySelectorAll('[data-tone=stop]').forEach(each => each.remove())
    walk().append(note)
    say(words)
  }

  // Typing
  const FIELDS = 'input:not([type=hidden], [type=password], [type=checkbox], [type=radio], [type=file]), textarea, select'
  const owner = () => `draft ${walk().dataset.person} `
  const key = () => owner() + walk().dataset.document
  const drafts = () => JSON.parse(sessionStorage.getItem(key()) || '{}')
  const keep = (all, told) => { // told: what was typed before is here again
    Object.keys(all).length ? sessionStorage.setItem(key(), JSON.stringify(all)) : sessionStorage.removeItem(key())
    const note = one('[data-kept]')
    if (note && (told || !Object.keys(all).length)) note.hidden = !Object.keys(all).length
  }
  const name = field => `${field.form.getAttribute('action')} ${field.name}`
  const fields = () => [...document.querySelectorAll(`#coding form :is(${FIELDS})`)].filter(field => field.name && field.form)
  const default_ = field => field.options ? [...field.options].find(option => option.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue
  const typed = form => ({ under: walk() && key(), values: fields().filter(field => field.form === form).map(field => [name(field), field.value]) })

  function forget({ under, values }) {
    const all = JSON.parse(sessionStorage.getItem(under) || '{}')
    for (const [which, value] of values) if (all[which] === value) delete all[which] // typed on meanwhile, it stays
    Object.keys(all).length ? sessionStorage.setItem(under, JSON.stringify(all)) : sessionStorage.removeItem(under)
  }
  function restore() {
    if (!walk()) return
    const all = drafts()
    for (const field of fields()) {
      const value = all[name(field)]
      if (value === undefined) continue
      if (value === default_(field)) delete all[name(field)]
      else {
        field.value = value
        for (let around = field.closest('details'); around; around = around.parentElement.closest('details')) around.open = true
      }
    }
    keep(all, true)
  }
  document.addEventListener('input', ({ target }) => {
    if (!walk() || !target.name || !target.matches(`#coding form :is(${FIELDS})`)) return
    const all = drafts()
    target.value === default_(target) ? delete all[name(target)] : all[name(target)] = target.value
    keep(all)
  })
  document.addEventListener('page', restore)

  if (walk()) {
    const mine = owner()
    for (const each of Object.keys(sessionStorage)) if (each.startsWith('draft ') && !each.startsWith(mine)) sessionStorage.removeItem(each)
    restore()
    begin()
  }
}
