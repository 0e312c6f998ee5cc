/** Says what it was given, then repeats what it hears. */
process.on('message', (message: object) => process.send?.(message));
process.send?.({ argument: process.argv[2] });
process.channel?.ref();
