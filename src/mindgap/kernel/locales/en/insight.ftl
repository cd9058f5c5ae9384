# The information gap: reasons why a figure is missing or not what one would expect.
insight-no-outcome = The purchases name neither categories nor products, so there is nothing to forecast.
insight-no-customers = No purchase names its customer, so nothing can be said about what customers differ in.
insight-no-evidence = All purchases are from the last weeks, so there is no history to learn from.
insight-no-outcomes = No known customer bought anything in the last { $days } days, so forecasts cannot be checked.
insight-short-history = There are { $weeks } { $weeks ->
        [one] week
       *[other] weeks
    } of history before the weeks that are held out; { $needed } are needed.
insight-no-attributes = There are no customer attributes (age, region, ...), so what they are worth cannot be said.
insight-no-campaigns = There is no record of campaigns received by customer, so what it is worth cannot be said.
insight-outcome-product = No product has a category. The outcome is therefore the product itself: the 300 products bought most, all others counted as one.
insight-few-customers = Only { $customers } { $customers ->
        [one] customer
       *[other] customers
    } bought in the weeks that are held out; an interval needs { $needed }.
insight-does-not-pay = Personal evidence does not forecast this outcome better than the market does: personalization does not pay here.
insight-potential-understated = Customers have few purchases each, so the estimate of the personalization potential is too low: read it as a lower bound.
insight-no-gap = The information gap was not measured.
insight-no-advantage = The forecast was not measured, so what is left to learn about this customer cannot be said.
insight-unknown-customer = There are no purchases of this customer.
insight-no-ledger = There are no attributes of this customer, declared or inferred.
insight-no-discovery = What this customer does not know about the offer is not measured yet.
insight-no-question = Which question is worth asking is not measured yet.
