/** The Space that is shown, for what stands outside of its page: the palette and the bar. */

import { signal } from "@preact/signals";
import type { SpaceSummary } from "./spaces";

export const currentSpace = signal<SpaceSummary | undefined>(undefined);
