/** Loaded before a forked helper's own code: the helper ends with the bench, even if the bench was killed and could say nothing. */
process.on('disconnect', () => process.exit(1));
// Listening keeps the channel, and so the process, open; only what the helper does itself should.
process.channel?.unref();
