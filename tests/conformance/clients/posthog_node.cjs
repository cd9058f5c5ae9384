// posthog-node: BASE KEY EVENTS
const { PostHog } = require("posthog-node");

const [base, key, events] = process.argv.slice(2);
const client = new PostHog(key, { host: base, flushAt: 250, fetchRetryDelay: 500, fetchRetryCount: 10 });
const distinctId = "u1";
(async () => {
  if (Object.keys(await client.getAllFlags(distinctId)).length) throw new Error("flags");
  client.identify({ distinctId, properties: { email: "ada@example.com", plan: "gold" } });
  for (let nth = 0; nth < events; nth++) {
    const properties = { product_id: `p${nth}`, price: 9.5, nth };
    client.capture({ distinctId, event: "Product Viewed", properties, timestamp: new Date(1777629600000 + nth) });
  }
  const consent = { categoryPreferences: { Advertising: false, Analytics: true } };
  client.capture({ distinctId, event: "Order Completed", properties: { order_id: "o1", total: 19.0, consent } });
  client.capture({ distinctId, event: "$pageview", properties: { $current_url: "https://shop.example/?q=1", title: "Home" } });
  client.capture({ distinctId, event: "$screen", properties: { $screen_name: "Start" } });
  client.groupIdentify({ distinctId, groupType: "guild", groupKey: "g1", properties: { name: "Guild" } });
  client.alias({ distinctId, alias: "before" });
  await client.shutdown(60000);
})();
