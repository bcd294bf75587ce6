// Signs in with a passkey, or adds one. A form says which with data-passkey ("get" or "create"); its challenge stands in
// data-options, or is fetched from data-challenge. The form stays hidden where the browser knows no passkeys.
(() => {
  'use strict'

  const fromText = (text) => {
    const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  }

  const toText = (buffer) => {
    const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('')
    return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  }

  const withBytes = (list) => (list || []).map((entry) => ({ ...entry, id: fromText(entry.id) }))

  const readOptions = (kind, options) => {
    const key = { ...options.publicKey, challenge: fromText(options.publicKey.challenge) }
    if (kind === 'get') {
      key.allowCredentials = withBytes(key.allowCredentials)
    } else {
      key.user = { ...key.user, id: fromText(key.user.id) }
      key.excludeCredentials = withBytes(key.excludeCredentials)
    }
    return { publicKey: key }
  }

  const writeCredential = (credential) => {
    const response = {}
    for (const name of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle', 'attestationObject']) {
      if (credential.response[name]) {
        response[name] = toText(credential.response[name])
      }
    }
    if (credential.response.getTransports) {
      response.transports = credential.response.getTransports()
    }
    return {
      type: credential.type,
      id: credential.id,
      rawId: toText(credential.rawId),
      authenticatorAttachment: credential.authenticatorAttachment,
      response,
      clientExtensionResults: credential.getClientExtensionResults()
    }
  }

  const challenge = async (form) => {
    if (form.dataset.options) {
      return JSON.parse(form.dataset.options)
    }
    const answer = await fetch(form.dataset.challenge, { headers: { Accept: 'application/json' } })
    return (await answer.json()).request_options
  }

  const begin = async (form) => {
    const kind = form.dataset.passkey
    const failed = form.querySelector('[data-passkey-failed]')
    failed.hidden = true
    try {
      const credential = await navigator.credentials[kind](readOptions(kind, await challenge(form)))
      form.elements.namedItem('credential').value = JSON.stringify(writeCredential(credential))
      form.submit()
    } catch {
      failed.hidden = false
    }
  }

  if (!window.PublicKeyCredential) {
    return
  }
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      begin(form)
    })
  }
})()
