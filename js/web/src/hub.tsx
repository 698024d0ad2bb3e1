/** The entry of the hub's pages. */

import { render } from "preact";
import { HubPage } from "./pages/hub";
import "./services/theme";
import "./style.css";

render(<HubPage />, document.getElementById("page") as HTMLElement);
