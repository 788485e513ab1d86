// Beside the text: the letter as it will be printed, a moment after typing stops; and marks and paragraphs that insert
// themselves at the cursor. Without this script a button shows the one, and the others are there to copy.
const PAUSE = 600 // milliseconds
const field = document.querySelector('#write textarea'), preview = document.querySelector('[formaction]')
let timer = 0, turn = 0

const show = async () => {
  clearTimeout(timer)
  const mine = ++turn
  const asked = { method: 'POST', body: new FormData(field.form), headers: { 'X-Requested-With': 'fetch' } }
  const answer = await fetch(preview.formAction, asked).catch(() => null)
  const text = answer && [200, 422].includes(answer.status) && !answer.redirected && await answer.text().catch(() => '')
  const next = text && new DOMParser().parseFromString(text, 'text/html').querySelector('#preview')
  if (!next || mine !== turn) return
  document.querySelector('#preview').replaceWith(next)
  document.querySelector('[role=status][data-said]').textContent = next.dataset.said
}

// Through the browser's own editing, so that it can be undone; a few browsers have none.
const insert = text => {
  field.focus()
  if (document.execCommand('insertText', false, text)) return
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end')
  field.dispatchEvent(new Event('input'))
}

for (const button of document.querySelectorAll('[data-insert]')) {
  button.hidden = false
  button.addEventListener('click', () => insert(button.dataset.insert))
}
field.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(show, PAUSE) })
preview.addEventListener('click', event => { event.preventDefault(); show() })
