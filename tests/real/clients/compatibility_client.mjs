// The journey by SignalWire's library for JavaScript: node compatibility_client.mjs LIBRARY < task
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const { RestClient } = createRequire(process.argv[2])('@signalwire/compatibility-api')
const task = JSON.parse(readFileSync(0))
const RECEIVES = '+12025550100'
const BUSY = '+12025550101'
const GONE = '+12025550108'
const host = task.url.replace('https://', '')
const clientWith = (token) => RestClient(task.account, token, { signalwireSpaceUrl: host })
const client = clientWith(task.token)
const { faxes } = client.fax
const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds))

// A customer's application: it has documents to fax, is called back, and checks who calls.
const calls = []
let letSlow
const slowMayGo = new Promise((go) => { letSlow = go })
const here = (path) => `http://127.0.0.1:${task.port}${path}`
const answer = new RestClient.LaML.FaxResponse()
answer.receive({ action: '/received?by=portal', method: 'POST', mediaType: 'application/pdf' })
const application = createServer(async (request, response) => {
  if (request.method === 'GET') {
    if (request.url === '/slow.pdf') await slowMayGo
    response.writeHead(200, { 'Content-Type': 'application/pdf' }).end(readFileSync(task.letter))
    return
  }
  const parts = []
  for await (const part of request) parts.push(part)
  const told = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()))
  const signature = request.headers['x-signalwire-signature']
  const believed = (what) =>
    RestClient.validateRequest(task.key, signature, here(request.url), what)
  calls.push({
    path: request.url.split('?')[0],
    told,
    // were a word of it another, it must not be believed
    believed: believed(told) && !believed({ ...told, FaxStatus: 'forged' }),
  })
  response.writeHead(200, { 'Content-Type': 'text/xml' }).end(answer.toString())
})
application.listen(task.port, '127.0.0.1')

async function until(what, look, seconds = 40) {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`${what}: ${JSON.stringify(calls)}`)
    await pause(250)
  }
}

const toldOf = (path, status) =>
  until(`${path} ${status}`, () =>
    calls.find((call) => call.path === path && call.told.FaxStatus === status))

const reached = (sid, ...statuses) =>
  until(`${sid} ${statuses}`, async () => {
    const fax = await faxes(sid).fetch()
    return statuses.includes(fax.status) && fax
  })

async function refused(ask) {
  try {
    await ask()
  } catch (error) {
    return [error.status, error.code]
  }
  throw new Error('it was not refused')
}

const send = (to = RECEIVES, path = '/letter.pdf', more = {}) =>
  faxes.create({
    to,
    from: task.number,
    mediaUrl: here(path),
    statusCallback: here('/status?from=portal'),
    ...more,
  })

async function download(url) {
  const pair = Buffer.from(`${task.account}:${task.token}`).toString('base64')
  // the hosts of brands are in no name service here
  const atHand = Object.assign(new URL(url), { host })
  const got = await fetch(atHand, { headers: { Authorization: `basic ${pair}` } })
  if (!got.ok) throw new Error(`${url}: ${got.status}`)
  return Buffer.from(await got.arrayBuffer())
}

async function cancelAndRefusals(busy) {
  const waits = await send(RECEIVES, '/slow.pdf')
  const canceled = await faxes(waits.sid).update({ status: 'canceled' })
  letSlow()
  await toldOf('/status', 'canceled')
  const done = {
    queued: waits.status,
    canceled: canceled.status,
    canceled_deleted: await faxes(waits.sid).remove(),
    gone: await refused(() => faxes(waits.sid).fetch()),
    unknown_from: await refused(() => send(RECEIVES, '/letter.pdf', { from: '+12025550199' })),
    wrong_token: await refused(() => clientWith('fxp_nobody.nothing').fax.faxes(busy).fetch()),
  }
  await reached(busy, 'processing', 'sending')
  return {
    ...done,
    canceled_late: await refused(() => faxes(busy).update({ status: 'canceled' })),
    deleted_early: await refused(() => faxes(busy).remove()),
  }
}

async function lists(sids, begun) {
  const before = new Date(begun.getTime() - 1000)
  const wanted = { to: RECEIVES, from: task.number, dateCreatedAfter: before }
  const pages = []
  let page = await faxes.page({ pageSize: 2, ...wanted })
  while (page) {
    pages.push(page.instances.map((fax) => fax.sid))
    page = page.nextPageUrl && await page.nextPage()
  }
  const whole = await faxes.list({ pageSize: 2, dateCreatedOnOrBefore: new Date(), ...wanted })
  const streamed = []
  await new Promise((done) => {
    faxes.each({ limit: 3, pageSize: 2, done, callback: (fax) => streamed.push(fax.sid) })
  })
  const same = (found) => JSON.stringify([...found].sort()) === JSON.stringify([...sids].sort())
  return {
    page_sizes: pages.map((each) => each.length),
    paged: same(pages.flat()),
    listed: same(whole.map((fax) => fax.sid)),
    streamed: streamed.length,
    before: (await faxes.list({ dateCreatedOnOrBefore: before }))
      .filter((fax) => sids.includes(fax.sid)).length,
  }
}

async function reads(sid) {
  const fax = await faxes(sid).fetch()
  const [media] = await faxes(sid).media.list()
  const found = await faxes(sid).media(media.sid).fetch()
  const names = {
    price: fax.price,
    num_pages: fax.numPages,
    duration: fax.duration,
    date_created: fax.dateCreated,
    date_updated: fax.dateUpdated,
    sid: fax.sid,
    url: fax.url,
  }
  return {
    types: Object.fromEntries(
      Object.entries(names).map(([name, value]) => [name, value.constructor.name]),
    ),
    fax: [fax.direction, fax.to, fax.quality, fax.numPages, fax.priceUnit],
    costs: fax.price >= 0,
    account: fax.accountSid,
    links: Object.keys(fax.links),
    is_media: fax.mediaSid === media.sid && media.sid === found.sid,
    media: [found.contentType, found.dateCreated.constructor.name],
    of_fax: found.faxSid === sid,
    media_url: fax.mediaUrl === null || (await download(fax.mediaUrl)).subarray(0, 5).toString(),
    told_url: (await download((await toldOf('/status', 'delivered')).told.MediaUrl))
      .subarray(0, 5).toString(),
    paper: (await download(task.url + found.url.replace('.json', '.pdf'))).subarray(0, 5).toString(),
    media_deleted: await faxes(sid).media(media.sid).remove(),
    media_left: (await faxes(sid).media.list()).length,
    media_gone: await refused(() => faxes(sid).media(media.sid).fetch()),
    deleted: await faxes(sid).remove(),
    deleted_gone: await refused(() => faxes(sid).fetch()),
  }
}

async function arrives(sent) {
  await reached(sent, 'delivered')
  const asked = await toldOf('/inbound', 'receiving')
  const told = await toldOf('/received', 'received')
  const sid = told.told.FaxSid
  const arrived = await faxes(sid).fetch()
  return {
    asked: Object.keys(asked.told).sort(),
    received: Object.keys(told.told).sort(),
    same_fax: asked.told.FaxSid === sid && sid !== sent,
    arrived: [arrived.direction, arrived.status, arrived.to, arrived.numPages],
    arrived_paper: (await download(told.told.MediaUrl)).subarray(0, 5).toString(),
    arrived_deleted: await faxes(sid).remove(),
  }
}

const [own] = await client.incomingPhoneNumbers.list({ phoneNumber: task.number })
await own.update({ voiceUrl: here('/inbound'), voiceMethod: 'POST' })
const busy = await send(BUSY, '/letter.pdf', { ttl: 5 })
const gone = await send(GONE)
const arriving = await send(task.number)
const wanted = { quality: 'superfine', storeMedia: true, ttl: 30 }
const letters = [await send(RECEIVES, '/letter.pdf', wanted), await send(), await send()]
let done = { created: letters[0].status, api_version: letters[0].apiVersion }
done = { ...done, ...(await cancelAndRefusals(busy.sid)) }
for (const letter of letters) await reached(letter.sid, 'delivered')
done = { ...done, ...(await lists(letters.map((letter) => letter.sid), letters[0].dateCreated)) }
done = { ...done, ...(await reads(letters[0].sid)), ...(await arrives(arriving.sid)) }
const asks = await own.fetch()
done.number = [asks.phoneNumber, asks.voiceUrl === here('/inbound')]
done.number.push((await own.update({ voiceUrl: '' })).voiceUrl, asks.capabilities.fax)
await toldOf('/status', 'failed')
done.failed = (await reached(gone.sid, 'failed')).numPages.constructor.name
done.told = Object.fromEntries(
  calls
    .filter((call) => call.path === '/status')
    .map((call) => [call.told.FaxStatus, Object.keys(call.told).sort()]),
)
const known = [busy.sid, gone.sid, arriving.sid, ...letters.map((letter) => letter.sid)]
done.told_by_sid = calls
  .filter((call) => call.path === '/status' && call.told.FaxStatus !== 'canceled')
  .every((call) => known.includes(call.told.FaxSid))
done.all_believed = calls.every((call) => call.believed)
process.stdout.write(JSON.stringify(done), () => process.exit(0))
