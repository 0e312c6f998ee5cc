/** Where the page begins. */
import { render } from 'preact';
import { App } from './app.tsx';
import { followAddress } from './route.ts';
import { start } from './store/atlas.ts';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/map.css';
import './style/pages.css';
import './style/play.css';

followAddress();
render(<App />, document.getElementById('app') as HTMLElement);
void start();
