"""Errors that span lines, in plain text: one event each, whatever the language.

Each case: the text, and of each event in it (type, the start of its message or of its exception's).
What is told apart nowhere is not here: programs that write into one another's lines, unmarked.
"""

import io

import pytest

from bot.core.event import Event
from bot.sources.files import Reader
from tests.builders import standing

PYTHON_SYNTAX = """\
  File "/srv/app/jobs.py", line 3
    def run(
           ^
SyntaxError: '(' was never closed
"""

PYTHON_LONG_MESSAGE = """\
Traceback (most recent call last):
  File "/srv/app/orders.py", line 12, in create
    Order(**given)
pydantic_core._pydantic_core.ValidationError: 2 validation errors for Order
sku
  Field required [type=missing, input_value={}, input_type=dict]
quantity
  Field required [type=missing, input_value={}, input_type=dict]
worker 7 failed to pick up the next order
"""

PYTHON_CHAINED = """\
2026-11-18 10:00:00,123 ERROR shop.pay - charge failed
Traceback (most recent call last):
  File "/srv/app/pay.py", line 7, in charge
    connect()
ConnectionError: refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/pay.py", line 9, in charge
    raise PaymentError("no") from error
shop.PaymentError: no
2026-11-18 10:00:01,123 ERROR shop.pay - next
"""

JAVA_CHAINED = """\
2026-11-18 10:00:00,123 ERROR [main] com.shop.Pay - charge failed
com.shop.PayException: no
\tat com.shop.Pay.charge(Pay.java:7)
\tSuppressed: java.io.IOException: close
\t\tat com.shop.Net.close(Net.java:9)
Caused by: java.net.ConnectException: refused
\tat com.shop.Net.open(Net.java:3)
\t... 3 more
"""

JAVA_LONG_MESSAGE = """\
org.hibernate.exception.SQLGrammarException: could not execute
[select * from orders]
where id = 7
\tat org.hibernate.Query.run(Query.java:7)
\tat com.shop.Orders.find(Orders.java:31)
"""

JAVA_OUT_OF_MEMORY = """\
2026-11-18 10:00:00 INFO com.shop.Main - started
java.lang.OutOfMemoryError: Java heap space
Dumping heap to java_pid1.hprof ...
"""

JAVA_THREAD = """\
2026-11-18 10:00:00 WARN com.shop.Main - slow
Exception in thread "pool-1-thread-3" java.lang.OutOfMemoryError: GC overhead limit exceeded
"""

JAVA_TWO = """\
java.lang.IllegalStateException: one
\tat com.shop.Pay.charge(Pay.java:7)
java.lang.IllegalArgumentException: two
\tat com.shop.Pay.refund(Pay.java:9)
"""

NODE_UNCAUGHT = """\
/srv/app/pay.js:7
    throw new PaymentError('no');
    ^

PaymentError: no
    at charge (/srv/app/pay.js:7:11)
    at Object.<anonymous> (/srv/app/pay.js:9:1) {
  code: 'E_PAY'
}

Node.js v20.11.0
"""

NODE_REJECTION = """\
node:internal/process/promises:288
            triggerUncaughtException(err, true /* fromPromise */);
            ^

[UnhandledPromiseRejection: This error originated by throwing inside of an async function] {
  code: 'ERR_UNHANDLED_REJECTION'
}

Node.js v18.19.0
"""

NODE_LONG_MESSAGE = """\
task failed: Error: could not parse
the second line of it
the third one
    at parse (/srv/app/parse.js:3:9)
    at /srv/app/index.js:10:17
cannot listen on 8080
"""

NODE_CAUSE = """\
TypeError: fetch failed
    at fetch (/srv/app/net.js:3:9) {
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:9
      at connect (/srv/app/net.js:9:1) {
    errno: -111
  }
}
RangeError: too big
    at grow (/srv/app/grow.js:1:1)
"""

GO_PANIC = """\
2026/11/18 10:00:00 listening on :8080
panic: runtime error: index out of range [5] with length 3 [recovered]
\tpanic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.pick(...)
\t/srv/app/main.go:7
main.main()
\t/srv/app/main.go:3 +0x1d
created by main.start in goroutine 1
\t/srv/app/main.go:2 +0x1d
exit status 2
"""

CPP = """\
terminate called after throwing an instance of 'std::runtime_error'
  what():  no money
Aborted (core dumped)
"""

RUST_WRAPPED = """\
Error: no money

Caused by:
    refused (os error 111)

Stack backtrace:
   0: anyhow::error::<impl anyhow::Error>::msg
   1: shop::pay::charge
             at ./src/pay.rs:17:9
"""

GO_HTTP = """\
2026/11/18 10:00:00 http: panic serving 10.0.0.7:4711: no route
goroutine 34 [running]:
net/http.(*conn).serve.func1()
\t/usr/local/go/src/net/http/server.go:1801 +0xb9
main.route(0xc000)
\t/srv/app/route.go:12 +0x1d
2026/11/18 10:00:01 listening
"""

RUBY_UNCAUGHT = """\
app.rb:7:in `charge': no money (PaymentError)
\tfrom app.rb:9:in `<main>'
app.rb:3:in `open': undefined method `foo' for nil:NilClass (NoMethodError)

nil.foo
   ^^^^
\tfrom app.rb:7:in `charge'
"""

RUBY_LONG_MESSAGE = """\
/srv/app/pay.rb:7:in 'Pay#charge': the gateway said (PaymentError)
no money
for order 7
\tfrom /srv/app/pay.rb:9:in '<main>'
/srv/app/pay.rb:8:in 'Pay#refund': later (RefundError)
\tfrom /srv/app/pay.rb:9:in '<main>'
"""

RUBY_RAILS = """\
Started POST "/checkout" for 10.0.0.1 at 2026-11-18 10:00:00 +0000
NoMethodError (undefined method `total' for nil:NilClass):

app/models/cart.rb:7:in `total'
app/controllers/cart_controller.rb:12:in `checkout'
"""

RUBY_RAILS_LOGGED = """\
I, [2026-11-18T10:00:00.000001 #7]  INFO -- : {tags}Started POST "/checkout" for 10.0.0.1
F, [2026-11-18T10:00:00.100001 #7] FATAL -- : {tags}
{head}{tags}NoMethodError (undefined method `total' for nil:NilClass):
{head}{tags}
{head}{tags}app/models/cart.rb:7:in `total'
{head}{tags}app/controllers/cart_controller.rb:12:in `checkout'
I, [2026-11-18T10:00:01.000001 #7]  INFO -- : {tags}Completed 200 OK in 3ms
"""
EACH_LINE = "F, [2026-11-18T10:00:00.100002 #7] FATAL -- : "

GO_LOGGED = """\
cannot charge card: connection refused
example.com/shop/pay.(*Service).Charge
\t/src/pay/charge.go:42
main.main
\t/src/main.go:9
cannot load catalogue: no route
main.load
gave up
"""

RUST_PANIC = """\
thread 'main' panicked at src/main.rs:4:5:
no stock for 7
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
listening again
"""

RUBY_LOGGER = """\
E, [2026-11-18T10:00:00.123456 #7] ERROR -- : charge failed: no money (PaymentError)
app.rb:7:in `charge'
app.rb:9:in `<main>'
I, [2026-11-18T10:00:01.123456 #7]  INFO -- : next
"""

PHP_CHAINED = """\
[18-Nov-2026 10:00:00 UTC] PHP Fatal error:  Uncaught PDOException: refused in /srv/app/net.php:3
Stack trace:
#0 /srv/app/pay.php(7): connect()
#1 {main}

Next PaymentException: no in /srv/app/pay.php:9
Stack trace:
#0 {main}
  thrown in /srv/app/pay.php on line 9
[18-Nov-2026 10:00:01 UTC] PHP Warning:  Undefined variable $x in /srv/app/pay.php on line 3
"""

PHP_LARAVEL = """\
[2026-11-18 10:00:00] production.ERROR: no money {"exception":"[object] (PaymentException(code: 0)
[stacktrace]
#0 /srv/app/Pay.php(7): charge()
#1 {main}
"} \n[2026-11-18 10:00:01] production.INFO: next
"""

DOTNET_CHAINED = """\
Unhandled exception. Shop.PaymentException: no
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at Shop.Net.Open(String host) in /srv/app/Net.cs:line 3
   --- End of inner exception stack trace ---
   at Shop.Pay.Charge(Order order) in /srv/app/Pay.cs:line 7
   at Program.Main() in /srv/app/Program.cs:line 1
"""

DOTNET_CONSOLE = """\
info: Microsoft.Hosting.Lifetime[14]
      Now listening on: http://localhost:5000
fail: Shop.Pay[0]
      charge failed
      System.InvalidOperationException: no
         at Shop.Pay.Charge(Order order) in /srv/app/Pay.cs:line 7
warn: Shop.Pay[0]
      slow
"""

ELIXIR = """\
10:00:00.287 [error] GenServer #PID<0.170.0> terminating
** (ArgumentError) errors were found at the given arguments:

  * 1st argument: not a textual representation of an integer

    :erlang.binary_to_integer("x")
    (shop 0.1.0) lib/shop/pay.ex:13: Shop.Pay.charge/1
    (stdlib 4.2) gen_server.erl:1149: :gen_server.try_handle_call/4
Last message (from #PID<0.96.0>): {:charge, %{amount: "x", total: 3}}
State: 1
Client #PID<0.96.0> is alive

    (stdlib 4.2) gen.erl:256: :gen.do_call/4
10:00:01.287 [error] bank is gone
"""

ELIXIR_UNCAUGHT = """\
10:00:00.287 [info] started
** (Shop.PayError) no money
    (shop 0.1.0) lib/shop/pay.ex:11: Shop.Pay.charge/2
** (MatchError) no match of right hand side value: {:error, :enoent}
    lib/shop/load.ex:12: Shop.Load.all/1
"""

ERLANG = """\
=PROGRESS REPORT==== 18-Nov-2026::10:00:00.429169 ===
    application: shop
    started_at: nonode@nohost

=ERROR REPORT==== 18-Nov-2026::10:00:01.429169 ===
** Generic server <0.80.0> terminating
** Last message in was tick
** When Server state == #{}
** Reason for termination ==
** {no_money,[{shop_pay,handle_info,2,[{file,"shop_pay.erl"},{line,8}]},
              {gen_server,try_dispatch,4,
                          [{file,"gen_server.erl"},{line,1123}]}]}

=CRASH REPORT==== 18-Nov-2026::10:00:01.429169 ===
  crasher:
    initial call: shop_pay:init/1
    pid: <0.80.0>
    exception error: no_money
      in function  shop_pay:handle_info/2 (shop_pay.erl, line 8)
      in call from gen_server:try_dispatch/4 (gen_server.erl, line 1123)
    ancestors: [<0.9.0>]
"""

RABBITMQ = """\
2026-11-18 10:00:00.123456+00:00 [info] <0.9.0> ready
2026-11-18 10:00:01.123456+00:00 [error] <0.683.0> Error on AMQP connection <0.683.0>:
2026-11-18 10:00:01.123456+00:00 [error] <0.683.0>  operation none caused a connection exception
2026-11-18 10:00:01.123457+00:00 [error] <0.684.0> closing AMQP connection <0.684.0>
"""

PERL = """\
no money for order 18 at lib/Shop/Pay.pm line 5.
\tShop::Pay::post(Shop::Pay=HASH(0x5556e17c24b8), 18) called at lib/Shop/Pay.pm line 4
\tmain::run() called at bin/run.pl line 3
listening on 8080
"""

FIREFOX = """\
TypeError: order is undefined
charge@https://shop.example/js/main.js:2:41231
pay/<@https://shop.example/js/main.js:2:51731
@https://shop.example/js/main.js:2:71000
SyntaxError: no
global code@https://shop.example/:17:3
promiseReactionJob@[native code]
"""

ALONE = {
    "elixir, by its logger": (ELIXIR, [("ArgumentError", "errors were found"), ("", "bank is")]),
    "elixir, uncaught": (
        ELIXIR_UNCAUGHT,
        [("PayError", "no money"), ("MatchError", "no match of right")],
    ),
    "erlang, reports": (ERLANG, [("no_money", "no_money"), ("error", "no_money")]),
    "erlang, by rabbitmq, which stamps each line": (
        RABBITMQ,
        [("", "Error on AMQP connection <0.683.0>:\n operation none"), ("", "closing AMQP")],
    ),
    "perl": (PERL, [("", "no money for order 18")]),
    "javascript, of firefox and safari": (
        FIREFOX,
        [("TypeError", "order is undefined"), ("SyntaxError", "no")],
    ),
    "python, a syntax error": (PYTHON_SYNTAX, [("SyntaxError", "'(' was never")]),
    "python, a message over lines": (
        PYTHON_LONG_MESSAGE,
        [("ValidationError", "2 validation"), ("", "worker 7")],
    ),
    "python, a cause": (PYTHON_CHAINED, [("PaymentError", "no"), ("", "next")]),
    "java, a cause": (JAVA_CHAINED, [("PayException", "no")]),
    "java, a message over lines": (JAVA_LONG_MESSAGE, [("SQLGrammarException", "could not")]),
    "java, no memory for frames": (JAVA_OUT_OF_MEMORY, [("OutOfMemoryError", "Java heap")]),
    "java, a thread dies": (JAVA_THREAD, [("OutOfMemoryError", "GC overhead")]),
    "java, two in a row": (
        JAVA_TWO,
        [("IllegalStateException", "one"), ("IllegalArgumentException", "two")],
    ),
    "node, uncaught": (NODE_UNCAUGHT, [("PaymentError", "no")]),
    "node, a rejection": (NODE_REJECTION, [("", "node:internal/process/promises:288")]),
    "node, a message over lines": (
        NODE_LONG_MESSAGE,
        [("Error", "could not parse"), ("", "cannot listen")],
    ),
    "node, a cause": (NODE_CAUSE, [("TypeError", "fetch failed"), ("RangeError", "too big")]),
    "go, a panic": (GO_PANIC, [("panic", "runtime error: index")]),
    "go, a panic that http caught": (GO_HTTP, [("", "http: panic")]),
    "go, by a logger whose header somebody took off": (
        GO_LOGGED,
        [("", "cannot charge"), ("", "cannot load"), ("", "gave up")],
    ),
    "c++": (CPP, [("", "terminate called")]),
    "rust, an error that was wrapped": (RUST_WRAPPED, [("Error", "no money")]),
    "ruby, a cause": (RUBY_UNCAUGHT, [("PaymentError", "no money")]),
    "ruby, a message over lines": (RUBY_LONG_MESSAGE, [("PaymentError", "the gateway said")]),
    "ruby, by its logger": (RUBY_LOGGER, [("", "charge failed")]),
    "ruby, by rails": (RUBY_RAILS, [("NoMethodError", "undefined method `total'")]),
    **{
        f"ruby, by rails{how}": (
            RUBY_RAILS_LOGGED.format(tags=tags, head=head),
            [("NoMethodError", "undefined method `total'")],
        )
        for how, tags, head in (
            (" with a blank first line", "", ""),
            (" with tags", "[req-1] [ana] ", ""),
            (" with a header on each line", "[req-1] ", EACH_LINE),
        )
    },
    "rust, a panic": (RUST_PANIC, [("panic", "no stock")]),
    "rust, a panic below an error": (
        f"2026-11-18T10:00:00Z ERROR shop::pay: charge failed\n{RUST_PANIC}",
        [("", "charge failed"), ("panic", "no stock")],
    ),
    "php, a cause": (PHP_CHAINED, [("PaymentException", "no")]),
    "php, by laravel": (PHP_LARAVEL, [("", "no money")]),
    ".net, a cause": (DOTNET_CHAINED, [("PaymentException", "no")]),
    ".net, by its console logger": (DOTNET_CONSOLE, [("InvalidOperationException", "no")]),
}


def events_of(text: str) -> list[Event]:
    reader = Reader(io.BytesIO(text.encode()), standing())
    return [outcome for outcome in reader if isinstance(outcome, Event)]


def told(event: Event) -> tuple[str, str]:
    return event.error_type.rpartition(".")[2], event.error_message or event.message


def assert_told(events: list[Event], expected: list[tuple[str, str]]) -> None:
    found = [told(event) for event in events]
    begun = [
        (kind, message[: len(start)])
        for (kind, message), (_, start) in zip(found, expected, strict=False)
    ]
    assert (len(found), begun) == (len(expected), expected), found


@pytest.mark.parametrize(("text", "expected"), ALONE.values(), ids=ALONE)
def test_an_error_over_several_lines_is_one_event(text, expected):
    assert_told(events_of(text), expected)


WRAPPINGS = {
    "journald": "Nov 18 10:00:00 web-1 app[7]: ",
    "kubernetes": "2026-11-18T10:00:00.123456789Z stderr F ",
    "docker's times": "2026-11-18T10:00:00.123456789Z ",
    "compose": "checkout-1  | ",
}
UNHEADED = [
    "elixir, uncaught",
    "perl",
    "javascript, of firefox and safari",
    "python, a syntax error",
    "java, a message over lines",
    "java, two in a row",
    "node, uncaught",
    "node, a cause",
    "ruby, a cause",
    ".net, a cause",
    "go, by a logger whose header somebody took off",
]


@pytest.mark.parametrize("mark", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("name", ["python, a cause", "java, a cause"])
def test_what_stands_before_each_line_changes_nothing(name, mark):
    text, expected = ALONE[name]
    wrapped = "".join(f"{mark}{line}\n" for line in text.splitlines())
    assert_told(events_of(wrapped), expected)


@pytest.mark.parametrize("mark", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("name", UNHEADED)
def test_a_trace_that_is_stamped_line_by_line_is_one_event(name, mark):
    text, expected = ALONE[name]
    wrapped = "".join(f"{mark}{line}\n" for line in text.splitlines())
    assert_told(events_of(wrapped), expected)
