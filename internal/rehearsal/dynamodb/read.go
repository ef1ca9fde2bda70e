package dynamodb

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (t *Table) get(in *dynamodb.GetItemInput, units *Units) (*dynamodb.GetItemOutput, error) {
	if err := t.checkTable(in.TableName); err != nil {
		return nil, err
	}
	if in.ProjectionExpression != nil || in.AttributesToGet != nil || in.ExpressionAttributeNames != nil || in.ReturnConsumedCapacity != "" {
		return nil, unknown("a parameter of GetItem other than TableName, Key and ConsistentRead")
	}
	pk, sk, err := readKey(in.Key)
	if err != nil {
		return nil, err
	}
	consistent := aws.ToBool(in.ConsistentRead)
	it := t.row(pk, sk).seen(t.loop.Now(), t.lag(consistent))
	units.read(max(1, it.bytes()), consistent)
	if it == nil {
		return &dynamodb.GetItemOutput{}, nil
	}
	return &dynamodb.GetItemOutput{Item: it.give()}, nil
}

func (t *Table) query(in *dynamodb.QueryInput, units *Units) (*dynamodb.QueryOutput, error) {
	if err := t.checkQuery(in); err != nil {
		return nil, err
	}
	where, err := readSpan(in.IndexName, in.KeyConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	start, err := readStart(where, in.ExclusiveStartKey)
	if err != nil {
		return nil, err
	}
	if where.only, err = readProjection(in.ProjectionExpression, where.index); err != nil {
		return nil, err
	}
	consistent := aws.ToBool(in.ConsistentRead)
	found := t.find(where, t.lag(consistent))
	if backward := in.ScanIndexForward != nil && !*in.ScanIndexForward; backward {
		slices.Reverse(found)
		found = slices.DeleteFunc(found, func(it *item) bool { return start != "" && where.sort(it) >= start })
	} else {
		found = slices.DeleteFunc(found, func(it *item) bool { return start != "" && where.sort(it) <= start })
	}
	return t.page(where, found, int(aws.ToInt32(in.Limit)), consistent, units), nil
}

// find returns the items of a span in the order of their sort key.
func (t *Table) find(where span, lag time.Duration) []*item {
	var rows []*row
	if where.index {
		rows = t.open
	} else if p := t.parts[where.hash]; p != nil {
		first, _ := p.find(where.from)
		rows = p.rows[first:]
	}
	now := t.loop.Now()
	found := make([]*item, 0, min(len(rows), 64))
	for _, r := range rows {
		if !where.index && r.sk > where.to {
			break
		}
		if it := r.seen(now, lag); it != nil && (!where.index || it.open == where.hash) {
			found = append(found, it)
		}
	}
	return found
}

// page cuts off what one answer holds: at most 1 MB, Limit items, and Settings.Page items. A page that was cut by a
// count names its last key also where nothing follows, as the service does.
func (t *Table) page(where span, found []*item, limit int, consistent bool, units *Units) *dynamodb.QueryOutput {
	if t.settings.Page > 0 && (limit == 0 || limit > t.settings.Page) {
		limit = t.settings.Page
	}
	out := &dynamodb.QueryOutput{Items: make([]map[string]types.AttributeValue, 0, len(found))}
	size := 0
	for _, it := range found {
		size += it.bytes()
		out.Items = append(out.Items, where.give(it))
		if len(out.Items) == limit || size > maxPage {
			out.LastEvaluatedKey = where.key(it)
			break
		}
	}
	out.Count = int32(len(out.Items))
	out.ScannedCount = out.Count
	units.read(max(1, size), consistent)
	return out
}

func (t *Table) checkQuery(in *dynamodb.QueryInput) error {
	if err := t.checkTable(in.TableName); err != nil {
		return err
	}
	if in.FilterExpression != nil || in.Select != "" || in.ReturnConsumedCapacity != "" ||
		in.AttributesToGet != nil || in.KeyConditions != nil || in.QueryFilter != nil || in.ConditionalOperator != "" {
		return unknown("a parameter of Query beside the key condition, its values, ProjectionExpression, ConsistentRead, ScanIndexForward, Limit and ExclusiveStartKey")
	}
	if in.Limit != nil && *in.Limit < 1 {
		return invalid("1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1")
	}
	if in.IndexName != nil && aws.ToBool(in.ConsistentRead) {
		return invalid("Consistent reads are not supported on global secondary indexes")
	}
	return nil
}

func (t *Table) checkTable(name *string) error {
	if aws.ToString(name) != t.name {
		return noTable(aws.ToString(name))
	}
	return nil
}

// lag draws how old the answer of a read is.
func (t *Table) lag(consistent bool) time.Duration {
	if consistent || t.settings.Lag == nil {
		return 0
	}
	return t.settings.Lag()
}

// sort returns the key that a span is ordered by.
func (s span) sort(it *item) string {
	if s.index {
		return it.pk + "\x00" + it.sk
	}
	return it.sk
}

// key names an item for ExclusiveStartKey.
func (s span) key(it *item) map[string]types.AttributeValue {
	if s.index {
		return it.give(attrPK, attrSK, indexOpen)
	}
	return it.give(attrPK, attrSK)
}

// give returns an item for the caller: of the index, only the keys are projected.
func (s span) give(it *item) map[string]types.AttributeValue {
	if s.index {
		return s.key(it)
	}
	return it.give(s.only...)
}

// readStart returns the sort key after which a page starts, or "".
func readStart(where span, key map[string]types.AttributeValue) (string, error) {
	if key == nil {
		return "", nil
	}
	it, err := take(key)
	if err != nil {
		return "", err
	}
	if len(it.attrs) != len(where.key(it)) || where.index && it.open != where.hash || !where.index && it.pk != where.hash {
		return "", invalid("The provided starting key is invalid")
	}
	return where.sort(it), nil
}

func readKey(key map[string]types.AttributeValue) (pk, sk string, err error) {
	if len(key) != 2 {
		return "", "", invalid("The provided key element does not match the schema")
	}
	texts, err := readValues(key, attrPK, attrSK)
	if err != nil {
		return "", "", err
	}
	return texts[0], texts[1], nil
}

func (it *item) bytes() int {
	if it == nil {
		return 0
	}
	return it.size
}

// read counts a read of some bytes.
func (u *Units) read(bytes int, consistent bool) {
	n := float64((bytes + 4095) / 4096)
	if !consistent {
		n /= 2
	}
	u.Read += n
}
