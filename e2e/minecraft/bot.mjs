/** A Minecraft player: joins, says what happens line by line, says in the game what comes by its standard input, and stays until it is told to end. usage: bot.mjs HOST PORT NAME */
import { createInterface } from 'node:readline';
import mineflayer from 'mineflayer';

const [host, port, username] = process.argv.slice(2);
const bot = mineflayer.createBot({ host, port: Number(port), username, version: '1.16.5', auth: 'offline' });
bot.once('spawn', () => console.log('spawned'));
bot._client.on('login', () => console.log(`world by port ${bot._client.socket.localPort}`));
createInterface({ input: process.stdin }).on('line', (text) => bot.chat(text));
bot.on('messagestr', (text) => console.log(`chat ${text}`));
bot.on('kicked', (reason) => console.log(`kicked ${reason}`));
bot.on('error', (error) => console.log(`error ${error.message}`));
bot.on('end', (reason) => {
  console.log(`end ${reason}`);
  process.exit(0);
});
process.on('SIGTERM', () => bot.quit());
// Who started it is gone.
process.stdin.on('end', () => bot.quit());
