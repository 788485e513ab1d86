// A part with data-refresh="address" is renewed from there, first after data-every seconds, while the newer one still has
// data-refresh; with data-then-reload the whole page follows. Where it is not to be had any more, data-gone says so in place
// of a new page, which would lose what was chosen on this one. Times with data-local are told in the reader's zone.
const local = root => root.querySelectorAll('time[data-local]').forEach(time => {
  const style = { dateStyle: 'long', timeStyle: 'short' }
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, style)
})

// Changes only what differs, so that focus stays and a screen reader hears only the news. Answers what now stands there.
const renew = (now, next) => {
  if (now.isEqualNode(next)) return now
  if (now.nodeName !== next.nodeName || !now.attributes) {
    now.replaceWith(next)
    return next
  }
  const [old, fresh] = [[...now.childNodes], [...next.childNodes]]
  for (const { name } of [...now.attributes]) if (!next.hasAttribute(name)) now.removeAttribute(name)
  for (const { name, value } of next.attributes) now.setAttribute(name, value)
  old.forEach((child, place) => fresh[place] ? renew(child, fresh[place]) : child.remove())
  now.append(...fresh.slice(old.length))
  return now
}

const gone = part => {
  delete part.dataset.refresh
  if (!part.dataset.gone) return
  const line = document.createElement('p')
  line.textContent = part.dataset.gone
  part.querySelector('[role=status]').append(line)
}

const follow = async part => {
  const every = Number(part.dataset.every) || 2
  for (let wait = every; part.dataset.refresh;) {
    await new Promise(done => setTimeout(done, wait * 1000))
    if (document.hidden) await new Promise(done => document.addEventListener('visibilitychange', done, { once: true }))
    const answer = await fetch(part.dataset.refresh, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null)
    const out = answer?.redirected || answer?.status === 401 // signed out meanwhile
    if (out && !part.dataset.gone) return location.reload()
    if (out || [403, 404, 410].includes(answer?.status)) return gone(part)
    const text = answer?.ok && await answer.text().catch(() => '')
    if (!part.dataset.refresh) return // it left the page meanwhile
    const next = text && new DOMParser().parseFromString(text, 'text/html').body.firstElementChild
    wait = Math.min(wait * 1.3, 20)
    if (!next) continue
    local(next)
    if (!next.dataset.refresh && [part, next].some(each => 'thenReload' in each.dataset)) return location.reload()
    if (!part.isEqualNode(next)) wait = every
    part = renew(part, next)
  }
}

local(document)
document.querySelectorAll('[data-refresh]').forEach(follow)
