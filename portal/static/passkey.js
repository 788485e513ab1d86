// allauth's scripts do the ceremony; this one says on the page when it did not work, and hides the button where it cannot.
document.addEventListener('allauth.error', event => {
  event.preventDefault()
  for (const note of document.querySelectorAll('[data-passkey-error]')) note.hidden = false
})
if (window.PublicKeyCredential) for (const part of document.querySelectorAll('[data-passkey]')) part.hidden = false
