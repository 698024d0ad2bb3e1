/**
 * The token that the visitor has typed. It goes into headers only.
 *
 * On a Space's page it lives in memory: other Spaces' scripts may share that page's origin, and could read what the
 * browser stores for it. Only the hub's own pages keep it, until the tab is closed.
 */

import { effect, signal } from "@preact/signals";
import { readStored, writeStored } from "./storage";

const KEY = "spaceport-token";

export const token = signal("");
/** What is wrong with the token, as a text for the visitor. */
export const tokenProblem = signal("");

/** Whether a header may hold the token: none has other characters. */
export const isSendable = (text: string): boolean => /^[!-~]+$/.test(text);

/** Called by the hub's pages alone: no app's code runs on the hub's origin. Who has signed in since needs no token any more. */
export function keepTokenInTab(): void {
	token.value = document.documentElement.dataset.login ? "" : (readStored(KEY, "sessionStorage") ?? "");
	effect(() => writeStored(KEY, token.value, "sessionStorage"));
}
