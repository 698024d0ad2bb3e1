// The button of the page to sign in that asks the browser for a passkey; hidden where the browser has none.
const button = document.getElementById("passkey");
const problem = document.getElementById("passkey-problem");

async function send(path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  return found;
}

button.hidden = !window.PublicKeyCredential?.parseRequestOptionsFromJSON;
button.addEventListener("click", async () => {
  problem.textContent = "";
  try {
    const { options, ticket } = await send("/api/passkey-challenges", {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    await send("/api/sessions/passkey", { ticket, credential: credential.toJSON() });
    location.assign(button.dataset.next);
  } catch (error) {
    const none = error.name === "NotAllowedError";
    problem.textContent = none ? "It was cancelled, or there is no passkey for this hub here." : error.message;
  }
});
