// A real OpenID Connect provider for the tests: `node provider.mjs PORT CALLBACK SKEW_S`. Whoever comes to sign in is
// the account that was last set with `PUT /account`, and consents; each start has new keys.
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [port, callback, skew] = process.argv.slice(2);
const clock = Date.now;
Date.now = () => clock() + 1000 * Number(skew);

const accounts = new Map();
let current = "";
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "hub",
      client_secret: "s3cret: with % and +",
      redirect_uris: [callback],
    },
  ],
  jwks: { keys: [{ ...key, use: "sig", alg: "RS256", kid: `key-${clock()}` }] },
  claims: { profile: ["preferred_username", "groups"], email: ["email", "email_verified"] },
  cookies: { keys: ["tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, sub) => accounts.has(sub) && { accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) },
});

provider.use(async (context, next) => {
  if (context.path === "/account") {
    const pieces = [];
    for await (const piece of context.req) pieces.push(piece);
    const { sub, ...claims } = JSON.parse(Buffer.concat(pieces));
    accounts.set(sub, claims);
    current = sub;
    context.status = 204;
  } else if (context.path.startsWith("/interaction/")) {
    const details = await provider.interactionDetails(context.req, context.res);
    if (details.prompt.name === "login") {
      await provider.interactionFinished(context.req, context.res, { login: { accountId: current } });
    } else {
      const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
      grant.addOIDCScope(details.params.scope);
      await provider.interactionFinished(context.req, context.res, { consent: { grantId: await grant.save() } });
    }
    context.respond = false;
  } else {
    await next();
  }
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
