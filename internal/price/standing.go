package price

// Standing is what costs money by being there.
type Standing string

// What serin and a target leave standing.
const (
	Alarm      Standing = "alarm"
	MathAlarm  Standing = "alarm over two metrics" // each metric of an expression is billed
	Key        Standing = "KMS key"
	Dashboard  Standing = "dashboard"
	CanaryTask Standing = "task of 0.25 vCPU and 0.5 GB (Fargate, ARM64)"
)

// hoursInMonth is AWS's own month.
const hoursInMonth = 730

// MonthOf returns what one of a kind costs a month, and where that is written.
func MonthOf(s Standing) (usd float64, source string) {
	switch s {
	case Alarm:
		return 0.10, "https://aws.amazon.com/cloudwatch/pricing/"
	case MathAlarm:
		return 2 * 0.10, "https://aws.amazon.com/cloudwatch/pricing/"
	case Key:
		return 1, "https://aws.amazon.com/kms/pricing/"
	case Dashboard:
		return 3, "https://aws.amazon.com/cloudwatch/pricing/"
	case CanaryTask:
		const vCPUHour, gbHour = 0.03238, 0.00356
		return hoursInMonth * (0.25*vCPUHour + 0.5*gbHour), "https://aws.amazon.com/fargate/pricing/"
	}
	return 0, ""
}

// Sweeps is the usage of a month of looks after open releases, every so many minutes, while there are none.
func Sweeps(minutes float64, memory MB) Usage {
	var u Usage
	const seconds = 0.1 // of one look, a start from cold now and then included
	u.Invocations = hoursInMonth * 60 / minutes
	u.GBSeconds = u.Invocations * seconds * float64(memory) / 1024
	u.Reads = u.Invocations / 2
	return u
}

// PipelineMinute is what a minute of an action costs in a CodePipeline of type V2.
// https://aws.amazon.com/codepipeline/pricing/
const PipelineMinute = 0.002
