// Every file starts as soon as it is chosen, three at a time, in pieces that survive a broken connection (tus.io).
// Nothing of it stays on the phone: a file is known again by what is in it. Without this script the same form sends the
// same files.
const PIECE = 2 << 20
const AT_ONCE = 3
const PAUSES = [0, 1000, 3000, 5000, ...Array(40).fill(10000)] // ms; a network that comes back starts at once
const LOST = [401, 403, 404, 410] // nothing that trying again would mend

const sized = bytes => {
  const [number, unit] = bytes < 1 << 20 ? [bytes / 1024, 'KB'] : [bytes / (1 << 20), 'MB']
  return `${number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`
}

const hex = bytes => [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, '0')).join('')

// The same file in the same matter has the same id, today, tomorrow and after signing in again.
const idOf = async (file, matter) => {
  if (!crypto.subtle) return hex(crypto.getRandomValues(new Uint8Array(16)))
  const digests = [`${matter} ${file.size} ${file.name} `]
  for (let at = 0; at < file.size; at += PIECE) { // all of it, a piece at a time: a phone has little memory
    digests.push(await crypto.subtle.digest('SHA-256', await file.slice(at, at + PIECE).arrayBuffer()))
  }
  return hex(await crypto.subtle.digest('SHA-256', await new Blob(digests).arrayBuffer())).slice(0, 32)
}

class Sending {
  constructor(form) {
    this.form = form
    this.words = form.dataset
    this.batch = hex(crypto.getRandomValues(new Uint8Array(16)))
    this.input = form.querySelector('[type=file]')
    this.list = form.querySelector('[data-chosen]')
    this.line = form.querySelector('[data-say]')
    this.done = form.querySelector('button:not([type=button])')
    this.files = []
    this.input.required = false
    this.done.lastChild.textContent = this.words.done
    this.input.addEventListener('change', () => this.choose())
    form.addEventListener('submit', event => this.finish(event))
    addEventListener('online', () => this.files.forEach(each => each.failed && !each.over && this.retry(each)))
    this.tell()
  }

  choose() {
    for (const file of this.input.files) this.add(file)
    this.input.value = '' // the same photo may be chosen again
    this.next()
  }

  add(file) {
    const row = this.form.querySelector('template').content.firstElementChild.cloneNode(true)
    const each = { file, row, item: this.form.elements.item?.value ?? '' }
    row.querySelector('b').textContent = file.name
    row.querySelector('[data-size]').textContent = sized(file.size)
    row.querySelector('[data-remove]').addEventListener('click', () => this.remove(each))
    row.querySelector('[data-retry]').addEventListener('click', () => this.retry(each))
    this.files.push(each)
    this.list.append(row)
    this.list.hidden = false
  }

  next() {
    const free = AT_ONCE - this.files.filter(each => each.going).length
    this.files.filter(each => !each.going && !each.ended && !each.failed).slice(0, free).forEach(each => this.start(each))
    this.tell()
  }

  async start(each) {
    each.going = true
    const id = await idOf(each.file, this.words.matter).catch(() => null)
    if (!id) return this.stop(each, this.words.unreadable)
    const told = { matter: this.words.matter, id, batch: this.batch, item: each.item, filename: each.file.name }
    each.upload = new tus.Upload(each.file, {
      endpoint: this.words.send,
      chunkSize: PIECE,
      retryDelays: PAUSES,
      uploadDataDuringCreation: true,
      storeFingerprintForResuming: false,
      removeFingerprintOnSuccess: true,
      headers: { 'X-CSRFToken': this.form.elements.csrfmiddlewaretoken.value },
      metadata: told,
      onProgress: sent => this.progress(each, sent),
      onShouldRetry: problem => this.mayRetry(each, problem),
      onSuccess: () => this.received(each),
      onError: problem => this.broke(each, problem),
    })
    if (!each.removed) each.upload.start()
  }

  mayRetry(each, problem) {
    const status = problem.originalResponse?.getStatus() ?? 0
    if (!status) this.word(each, this.words.waiting)
    return status < 400 || status >= 500 && status !== 507 || [409, 423, 429, 460].includes(status)
  }

  progress(each, sent) {
    const bar = each.row.querySelector('progress')
    bar.hidden = false
    bar.max = each.file.size
    bar.value = sent
    this.word(each, this.words.sending.replace('{done}', sized(sent)).replace('{total}', sized(each.file.size)))
  }

  async received(each) {
    Object.assign(each, { going: false, ended: true })
    this.next()
    const answer = await fetch(each.upload.url, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null)
    const text = answer?.ok && await answer.text().catch(() => '')
    const row = text && new DOMParser().parseFromString(text, 'text/html').body.firstElementChild
    if (!row) return this.word(each, this.words.received, 'good')
    each.row.replaceWith(row)
    each.row = row
    if (row.dataset.refresh) follow(row)
  }

  broke(each, problem) {
    const answer = problem.originalResponse
    const status = answer?.getStatus() ?? 0
    const words = status >= 400 && status < 600 && /text\/plain/.test(answer.getHeader('Content-Type')) ? answer.getBody() : ''
    each.over = [413, 507].includes(status)
    this.stop(each, words || (LOST.includes(status) ? this.words.gone : this.words.broken))
  }

  stop(each, words) {
    Object.assign(each, { going: false, failed: true })
    this.word(each, words, 'do')
    each.row.querySelector('progress').hidden = true
    each.row.querySelector('[data-retry]').hidden = each.over
    this.next()
  }

  retry(each) {
    Object.assign(each, { failed: false })
    each.row.querySelector('[data-retry]').hidden = true
    this.next()
  }

  remove(each) {
    each.removed = true
    each.upload?.abort(true).catch(() => null)
    this.files = this.files.filter(other => other !== each)
    each.row.remove()
    this.input.focus()
    this.next()
  }

  word(each, words, tone = 'wait') {
    const line = each.row.querySelector('.status')
    line.dataset.tone = tone
    line.lastElementChild.textContent = words
  }

  tell() {
    const [all, here] = [this.files.length, this.files.filter(each => each.ended).length]
    const busy = this.files.some(each => each.going)
    const counted = this.words.count.replace('{done}', here).replace('{total}', all)
    const words = here && this.files.every(each => each.ended || each.failed) ? this.words.all : all ? counted : ''
    this.line.hidden = !words
    if (this.line.lastElementChild.textContent !== words) this.line.lastElementChild.textContent = words
    this.done.ariaDisabled = !here || busy ? 'true' : null
    this.done.hidden = !all
  }

  finish(event) {
    event.preventDefault()
    if (this.files.some(each => each.going) || !this.files.some(each => each.ended)) return
    location.assign(`${this.form.action}?receipt=${this.batch}`)
  }
}

document.querySelectorAll('form[data-send]').forEach(form => new Sending(form))
