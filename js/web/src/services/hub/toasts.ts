/** Messages about what the visitor has done. */

import { signal } from "@preact/signals";
import type { ToastItem } from "../../parts/toast";

const SHOWN_S = 5;
let last = 0;

export const toasts = signal<ToastItem[]>([]);

export function dismissToast(id: number): void {
	toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function showToast(title: string, text: string, level: "success" | "error" = "success"): void {
	const id = ++last;
	const duration_s = level === "error" ? null : SHOWN_S;
	toasts.value = [...toasts.value.slice(-3), { id, title, text, level, duration_s }];
	if (duration_s !== null) setTimeout(() => dismissToast(id), duration_s * 1000);
}

/** Show why something that the visitor wanted did not happen. */
export function showFailure(error: unknown): void {
	showToast("That did not work", (error as Error).message, "error");
}
