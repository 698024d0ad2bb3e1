/** The keys of messages between a page and the page that frames it. */

/** The theme that the framing page asks for: "auto", "light" or "dark". */
export const THEME_MESSAGE = "spaceport-theme";
/** The height of the framed page's content in pixels. */
export const HEIGHT_MESSAGE = "spaceport-height";
