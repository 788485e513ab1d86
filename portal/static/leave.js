// Without this script the button works too; with it, "back" does not lead here again, and Esc three times leaves as well.
const WITHIN = 1500 // milliseconds for all three
let escapes = [], leaving = false

document.addEventListener('submit', event => {
  if (event.target.id !== 'leave') return
  event.preventDefault()
  leaving = true
  fetch(event.target.action, { method: 'POST', keepalive: true })
  location.replace(event.target.dataset.outside)
})

document.addEventListener('keydown', event => {
  if (event.repeat) return
  escapes = event.key === 'Escape' ? [...escapes, event.timeStamp].slice(-3) : []
  const thrice = escapes.length === 3 && event.timeStamp - escapes[0] <= WITHIN
  if (!thrice && !leaving) return
  event.preventDefault() // one Esc more would stop the way out
  document.documentElement.hidden = true // at once, whatever the line does
  if (!leaving) document.getElementById('leave').requestSubmit()
}, true)
