/** The token that a person has given: it lives as long as the tab, and goes into headers only. */

import { remembered } from "./preferences";

export const token = remembered("spaceport-token", "", "sessionStorage");
