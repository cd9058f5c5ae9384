// @segment/analytics-node: BASE KEY EVENTS
const { Analytics } = require("@segment/analytics-node");

const [base, writeKey, events] = process.argv.slice(2);
const analytics = new Analytics({ host: base, writeKey, flushAt: 250, maxRetries: 10 });
const userId = "u1";
analytics.on("error", (error) => console.error(error.code));
analytics.identify({ userId, traits: { email: "ada@example.com", plan: "gold" } });
for (let nth = 0; nth < events; nth++) {
  const properties = { product_id: `p${nth}`, price: 9.5, nth };
  analytics.track({ userId, event: "Product Viewed", properties, timestamp: new Date(1777629600000 + nth) });
}
const consent = { categoryPreferences: { Advertising: false, Analytics: true } };
analytics.track({ userId, event: "Order Completed", properties: { order_id: "o1", total: 19.0 }, context: { consent } });
analytics.page({ userId, category: "Shop", name: "Home", properties: { url: "https://shop.example/?q=1", title: "Home" } });
analytics.screen({ userId, category: "Shop", name: "Start" });
analytics.group({ userId, groupId: "g1", traits: { name: "Guild" } });
analytics.alias({ userId, previousId: "before" });
analytics.closeAndFlush({ timeout: 30000 });
