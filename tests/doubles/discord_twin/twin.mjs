// discord-digital-twin, driven from outside: a JSON object a line comes in, and one goes out for each.
import { createInterface } from 'node:readline'
import { DigitalDiscord } from 'discord-digital-twin'

const [token, bot, guild, channel, user] = process.argv.slice(2)
const discord = new DigitalDiscord({
  botToken: token,
  botUser: { id: bot, username: 'Dexter' },
  guild: { id: guild, name: 'The lab', ownerId: user, channels: [{ id: channel, name: 'general', type: 0 }] },
  users: [{ id: user, username: 'anna' }],
})

// Where the twin differs from Discord: a thread under a message has the message's own id.
const threads = new Map()
const own = (id) => threads.get(id) ?? id
discord.prisma = discord.prisma.$extends({
  query: {
    channel: {
      create({ args, query }) {
        if (args.data.starterMessageId) {
          threads.set(args.data.id, args.data.starterMessageId)
          args.data.id = args.data.starterMessageId
        }
        return query(args)
      },
      findUniqueOrThrow({ args, query }) {
        return query({ ...args, where: { ...args.where, id: own(args.where.id) } })
      },
    },
    threadMember: {
      create({ args, query }) {
        return query({ ...args, data: { ...args.data, channelId: own(args.data.channelId) } })
      },
    },
  },
})
await discord.start()

// … and its READY lacks the shard that was asked for.
const gateway = discord.server.gateway
const send = gateway.sendDispatch.bind(gateway)
gateway.sendDispatch = (client, event, data) =>
  send(client, event, event === 'READY' ? { ...data, shard: [0, 1] } : data)

const doing = {
  say: ({ channel, user, text }) => discord.simulateUserMessage({ channelId: channel, userId: user, content: text }),
  slash: ({ channel, user, options }) =>
    discord.simulateSlashCommand({ channelId: channel, userId: user, name: 'dexter', options }),
  press: ({ channel, user, message, custom_id }) =>
    discord.simulateButtonClick({ channelId: channel, userId: user, messageId: message, customId: custom_id }),
  messages: ({ channel }) => discord.channel(channel).getMessages(),
  threads: ({ channel }) => discord.channel(channel).getThreads(),
  acknowledged: ({ interaction }) => discord.channel(channel).getInteractionResponse(interaction),
}
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')
say({ rest: discord.restUrl, gateway: discord.gatewayUrl })
for await (const line of createInterface({ input: process.stdin })) {
  const { what, ...how } = JSON.parse(line)
  try {
    say({ done: (await doing[what](how)) ?? null })
  } catch (error) {
    say({ failed: String(error.stack ?? error) })
  }
}
await discord.stop()
process.exit(0)
