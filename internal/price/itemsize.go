package price

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// writeUnits counts write request units: one for each KB begun of the item, two in a transaction.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
func writeUnits(in any) float64 {
	switch input := in.(type) {
	case *dynamodb.PutItemInput:
		return kilobytes(input.Item)
	case *dynamodb.TransactWriteItemsInput:
		const transactional = 2
		var sum float64
		for _, write := range input.TransactItems {
			units := 1.0 // a delete, an update or a condition check: of an item whose size is not known here
			if write.Put != nil {
				units = kilobytes(write.Put.Item)
			}
			sum += transactional * units
		}
		return sum
	}
	return 1
}

func kilobytes(item map[string]types.AttributeValue) float64 {
	const kb = 1024
	return float64(max(1, (itemSize(item)+kb-1)/kb))
}

// itemSize returns an item's size in bytes as DynamoDB counts it, numbers a little too large.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func itemSize(item map[string]types.AttributeValue) int {
	sum := 0
	for name, value := range item {
		sum += len(name) + valueSize(value)
	}
	return sum
}

func valueSize(value types.AttributeValue) int {
	const container, element = 3, 1 // overhead of a list or a map, and of each of its elements
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberL:
		sum := container
		for _, inner := range v.Value {
			sum += element + valueSize(inner)
		}
		return sum
	case *types.AttributeValueMemberM:
		return container + len(v.Value)*element + itemSize(v.Value)
	}
	return 1 // a boolean or null; sets are not used
}
