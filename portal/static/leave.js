// Without this script the button works too; with it, "back" does not lead here again.
document.addEventListener('submit', event => {
  if (event.target.id !== 'leave') return
  event.preventDefault()
  fetch(event.target.action, { method: 'POST', keepalive: true })
  location.replace(event.target.dataset.outside)
})
