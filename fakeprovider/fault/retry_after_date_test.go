package fault_test

import (
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAfterDate{},
		`| Date: Wed, 01 Jul 2026 12:00:00 GMT\r\n`,
		`| Retry-After: Wed, 01 Jul 2026 12:00:30 GMT\r\n`,
		"plain: 429",
	)
	bounds(t, fault.RetryAfterDate{}, "Skew")
	also(t, fault.RetryAfterDate{When: "past"}, "Date: Wed, 01 Jul 2026 12:00:00 GMT",
		`Retry-After: Wed, 01 Jul 2026 11:59:30 GMT\r\n`)
	also(t, fault.RetryAfterDate{When: "now", Wait: time.Hour}, "Date: Wed, 01 Jul 2026 12:00:00 GMT",
		`Retry-After: Wed, 01 Jul 2026 12:00:00 GMT\r\n`)
	also(t, fault.RetryAfterDate{Skew: -time.Hour, Wait: time.Minute}, `Date: Wed, 01 Jul 2026 11:00:00 GMT\r\n`,
		`Retry-After: Wed, 01 Jul 2026 11:01:00 GMT\r\n`)
	also(t, fault.RetryAfterDate{Form: "rfc850"}, "Date: Wed, 01 Jul 2026 12:00:00 GMT",
		`Retry-After: Wednesday, 01-Jul-26 12:00:30 GMT\r\n`)
	also(t, fault.RetryAfterDate{Form: "asctime", Status: 500}, "HTTP/1.1 500 ",
		`Retry-After: Wed Jul  1 12:00:30 2026\r\n`)
	refuses(t, fault.RetryAfterDate{When: "later"}, `retry-after-date: when is "later", want one of future, now`)
	refuses(t, fault.RetryAfterDate{Form: "iso8601"}, `retry-after-date: form is "iso8601", want one of imf-fixd`)
	refuses(t, fault.RetryAfterDate{Wait: -time.Second}, "retry-after-date: wait is -1s")
	refuses(t, fault.RetryAfterDate{Status: 600}, "retry-after-date: status is 600")
	standsAlone(t, fault.RetryAfterDate{}, "Retry-After: Wed, 01 Jul 2026 12:00:30 GMT")
}
