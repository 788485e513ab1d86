// Every file starts as soon as it is chosen, three at a time, in pieces that survive a broken connection (tus.io).
// Nothing of it stays on the phone: a file is known again by what is in it. Without this script the same form sends the
// same files.
const PIECE = 2 << 20
const AT_ONCE = 3
const PAUSES = [0, 1000, 3000, 5000, ...Array(40).fill(10000)] // ms; a network that comes back starts at once
const ASK_AGAIN = 3000 // ms
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
    this.paper = hex(crypto.getRandomValues(new Uint8Array(16))) // photos that are pages of one paper have it in common
    this.words = form.dataset
    this.batch = hex(crypto.getRandomValues(new Uint8Array(16)))
    this.input = form.querySelector('[type=file]')
    this.list = form.querySelector('[data-chosen]')
    this.line = form.querySelector('[data-say]')
    this.done = form.querySelector('button:not([type=button])')
    this.files = []
    this.count = 0
    this.input.required = false
    this.done.lastChild.textContent = this.words.done
    this.input.addEventListener('change', () => this.choose())
    this.input.addEventListener('cancel', () => { this.instead = null })
    this.list.addEventListener('click', event => this.asked(event.target.closest('button')))
    form.addEventListener('submit', event => this.finish(event))
    addEventListener('online', () => this.files.forEach(each => each.failed && !each.over && this.retry(each)))
    this.tell()
  }

  choose() {
    const instead = this.instead
    this.instead = null
    ;[...this.input.files].forEach((file, place) => this.add(file, place ? null : instead))
    this.input.value = '' // the same photo may be chosen again
    this.next()
  }

  // `instead`: what is taken again: another page of the paper, or a document that is here already.
  add(file, instead) {
    const row = this.form.querySelector('template').content.firstElementChild.cloneNode(true)
    const { item, asked, together, for_team: team } = this.form.elements
    const each = { file, row, item: item?.value ?? '', asked: asked?.value ?? '', team: team?.value ?? '', replaces: instead?.document ?? '', turn: 0 }
    each.together = together?.checked && !each.replaces
    each.page = each.together && file.type.startsWith('image/') // as far as we know: the portal looks into it
    if (each.page) this.show(each)
    const name = row.querySelector('b')
    name.textContent = file.name
    name.id = `chosen-${++this.count}`
    row.querySelectorAll('button').forEach(button => button.setAttribute('aria-describedby', name.id))
    row.querySelector('[data-size]').textContent = sized(file.size)
    row.querySelector('[data-remove]').addEventListener('click', () => this.remove(each))
    row.querySelector('[data-retry]').addEventListener('click', () => this.retry(each))
    const place = this.files.indexOf(instead?.page)
    this.files.splice(place < 0 ? this.files.length : place + 1, 0, each)
    const before = instead?.row ?? instead?.page?.row
    before ? before.after(row) : this.list.append(row)
    if (instead?.row) {
      instead.row.remove()
      this.files = this.files.filter(other => other.row !== instead.row)
    }
    if (place >= 0) this.remove(instead.page)
    this.number()
    this.list.hidden = false
  }

  // A page of the paper: small, and with what can be done to it. It is drawn from the file and kept nowhere.
  async show(each) {
    const canvas = each.row.querySelector('canvas')
    const buttons = each.row.querySelector('.buttons')
    buttons.hidden = false
    buttons.append(each.row.querySelector('[data-remove]'))
    const image = await createImageBitmap(each.file).catch(() => null) // HEIC: not every phone can
    if (!image) return
    const scale = Math.min(canvas.width / image.width, canvas.height / image.height)
    const [wide, tall] = [image.width * scale, image.height * scale]
    canvas.getContext('2d').drawImage(image, (canvas.width - wide) / 2, (canvas.height - tall) / 2, wide, tall)
    image.close()
    canvas.hidden = false
    each.row.querySelector('svg').remove()
  }

  number() {
    this.files.filter(each => each.page).forEach((each, at) => {
      const name = each.row.querySelector('b'), words = `${at + 1}. ${each.file.name}`
      if (name.textContent !== words) name.textContent = words
    })
  }

  asked(button) {
    if (!button) return
    const row = button.closest('li'), each = this.files.find(other => other.row === row), at = this.files.indexOf(each)
    const { again, keep, up, down, turn, retake } = button.dataset
    if (again !== undefined) this.again({ document: again, row })
    else if (retake !== undefined) this.again({ page: each })
    else if (keep !== undefined) this.keep(row)
    else if (turn !== undefined) {
      each.turn = (each.turn + 90) % 360
      row.querySelector('canvas').style.rotate = `${each.turn}deg`
    } else if (up !== undefined && at > 0) this.swap(at - 1, button)
    else if (down !== undefined && at < this.files.length - 1) this.swap(at, button)
  }

  again(instead) {
    this.instead = instead
    this.input.click()
  }

  keep(row) {
    row.querySelector('.buttons').remove()
    const [line, ...more] = row.querySelectorAll('.status')
    more.forEach(other => other.remove())
    row.tabIndex = -1
    row.focus()
    line.dataset.tone = 'good'
    line.lastElementChild.textContent = this.words.received
  }

  swap(at, button) {
    const [first, second] = this.files.splice(at, 2)
    this.files.splice(at, 0, second, first)
    second.row.after(first.row)
    this.number()
    button.focus()
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
    const told = { matter: this.words.matter, id, batch: this.batch, filename: each.file.name }
    for (const word of ['item', 'asked', 'team', 'replaces']) if (each[word]) told[word] = each[word]
    if (each.together) Object.assign(told, { paper: this.paper, page: String(this.files.indexOf(each) + 1) })
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
    if (status === 409) return problem.originalResponse.getHeader('Upload-Offset') !== null // else it is another file
    return status < 400 || status >= 500 && status !== 507 || [423, 429, 460].includes(status)
  }

  progress(each, sent) {
    const bar = each.row.querySelector('progress')
    bar.hidden = false
    bar.max = each.file.size
    bar.value = sent
    this.word(each, this.words.sending.replace('{done}', sized(sent)).replace('{total}', sized(each.file.size)))
  }

  // All of it is sent. What it became, only the portal knows: nothing is called received before it says so.
  async received(each) {
    each.row.querySelector('[data-remove]').hidden = !each.page
    const answer = await fetch(each.upload.url, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null)
    if (each.removed) return
    if (LOST.includes(answer?.status)) return this.stop(each, this.words.gone)
    const text = answer?.ok && await answer.text().catch(() => '')
    const row = text && new DOMParser().parseFromString(text, 'text/html').body.firstElementChild
    if (!row || row.dataset.state === 'arriving') return setTimeout(() => this.received(each), ASK_AGAIN)
    Object.assign(each, { going: false, ended: true })
    row.dataset.state === 'kept' ? this.kept(each) : this.became(each, row)
    this.number()
    this.next()
  }

  // It waits for the other pages of its paper.
  kept(each) {
    if (!each.page) this.show(each)
    each.page = true
    each.row.querySelector('progress').hidden = true
    each.row.querySelector('[data-remove]').hidden = false
    this.word(each, this.words.received, 'good')
  }

  became(each, row) {
    each.page = false
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
    this.number()
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

  async finish(event) {
    event.preventDefault()
    if (this.closing || this.files.some(each => each.going) || !this.files.some(each => each.ended)) return
    this.closing = true
    const trouble = await this.bound()
    if (!trouble) return location.assign(`${this.form.action}?receipt=${this.batch}`)
    this.closing = false
    this.line.hidden = false
    this.line.lastElementChild.textContent = trouble
  }

  // The pages of the paper, in the order in which they stand here, become one document; or the words why they did not.
  async bound() {
    const told = new FormData(), pages = this.files.filter(each => each.page && each.ended)
    if (!pages.length) return ''
    told.append('csrfmiddlewaretoken', this.form.elements.csrfmiddlewaretoken.value)
    for (const each of pages) {
      told.append('upload', each.upload.url.split('/').at(-2))
      told.append('turn', each.turn)
    }
    const answer = await fetch(this.words.papers, { method: 'POST', body: told }).catch(() => null)
    if (answer?.redirected) return this.words.gone
    if (answer?.ok) return ''
    const plain = answer?.status < 500 && /text\/plain/.test(answer.headers.get('Content-Type'))
    return plain && await answer.text().catch(() => '') || this.words.broken
  }
}

document.querySelectorAll('form[data-send]').forEach(form => new Sending(form))
