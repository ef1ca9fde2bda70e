package price

// Date is when the prices were last compared with AWS's price pages.
const Date = "2026-06"

// Region is the region whose prices stand in the table.
const Region = "us-east-1"

// Rate is one price: what Per units of something cost.
type Rate struct {
	Item   string  // the service and what is counted, for people
	Unit   string  // "transition", "request unit", ...
	USD    float64 // for Per units
	Per    float64
	Source string
	count  func(Usage) float64
}

// Rates returns the table of prices, the dearest of a usual release first.
func Rates() []Rate {
	return []Rate{
		{
			"Step Functions", "state transition", 0.025, 1e3, "https://aws.amazon.com/step-functions/pricing/",
			func(u Usage) float64 { return u.Transitions },
		},
		{
			"CloudWatch GetMetricData", "metric", 0.01, 1e3, "https://aws.amazon.com/cloudwatch/pricing/",
			func(u Usage) float64 { return u.MetricsRead },
		},
		{
			"CloudWatch PutMetricData", "request", 0.01, 1e3, "https://aws.amazon.com/cloudwatch/pricing/",
			func(u Usage) float64 { return u.MetricPuts },
		},
		{
			"DynamoDB writes", "request unit", 0.625, 1e6, "https://aws.amazon.com/dynamodb/pricing/on-demand/",
			func(u Usage) float64 { return u.Writes },
		},
		{
			"DynamoDB reads", "request unit", 0.125, 1e6, "https://aws.amazon.com/dynamodb/pricing/on-demand/",
			func(u Usage) float64 { return u.Reads },
		},
		{
			"Lambda duration (arm64)", "GB-second", 0.0000133334, 1, "https://aws.amazon.com/lambda/pricing/",
			func(u Usage) float64 { return u.GBSeconds },
		},
		{
			"Lambda requests", "request", 0.20, 1e6, "https://aws.amazon.com/lambda/pricing/",
			func(u Usage) float64 { return u.Invocations },
		},
		{
			"SNS", "publish", 0.50, 1e6, "https://aws.amazon.com/sns/pricing/",
			func(u Usage) float64 { return u.Publishes },
		},
		{
			"EventBridge", "custom event", 1.00, 1e6, "https://aws.amazon.com/eventbridge/pricing/",
			func(u Usage) float64 { return u.CustomEvents },
		},
		{
			"SQS", "request", 0.40, 1e6, "https://aws.amazon.com/sqs/pricing/",
			func(u Usage) float64 { return u.QueueRequests },
		},
	}
}

// Line is one line of a bill.
type Line struct {
	Item     string  `json:"item"`
	Unit     string  `json:"unit"`
	Quantity float64 `json:"quantity"`
	USD      float64 `json:"usd"`
}

// Bill is what a usage costs.
type Bill struct {
	Lines []Line  `json:"lines"` // only what was used
	USD   float64 `json:"usd"`   // their sum
}

// Of returns the bill for a usage.
func Of(usage Usage) Bill {
	var bill Bill
	for _, rate := range Rates() {
		quantity := rate.count(usage)
		if quantity == 0 {
			continue
		}
		line := Line{Item: rate.Item, Unit: rate.Unit, Quantity: quantity, USD: quantity * rate.USD / rate.Per}
		bill.Lines = append(bill.Lines, line)
		bill.USD += line.USD
	}
	return bill
}
