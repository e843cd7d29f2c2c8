/// Notes in Markdown: headings, lists, tables, quotations and code.
extension SampleData {
  static let notesOfJanuary = """
    # January

    Ice on the pond from the 4th to the 19th. The wheel stood for eleven days. We ground on the small electric stones in
    the meantime, which is slower and, as everybody says who has not tasted it, *not the same*.

    ## What froze

    - the rake (twice)
    - the float of the level sensor, so it said 1431 mm for a week
    - the lock of the office

    ## What we changed

    1. A slow trickle stays on overnight when it is below zero. Moving water freezes last.
    2. The sensor now says how old its value is. A value without an age is worth nothing.

    > A number that never changes is either a constant or a fault.
    """

  static let notesOfFebruary = """
    # February

    Both pairs of stones were dressed. East took two days, west three, because of a hard vein near the eye.

    | stone | furrows | depth before | depth after | hours since |
    |-------|--------:|-------------:|------------:|------------:|
    | east  |      72 |       2.1 mm |      4.0 mm |         231 |
    | west  |      72 |       1.8 mm |      3.9 mm |         248 |

    The first sack after dressing goes to the hens. They have opinions about grit, but voice them only among themselves.

    ## Balance

    West was 140 g heavy at the mark. Lead out, plaster in:

    ```
    before   0.0  +1.2  +2.9  +1.4   (mm at four points)
    after    0.0  +0.1  +0.3  +0.2
    ```
    """

  static let notesOfMarch = """
    # March

    The control program got its second gate. Until now it knew one rule: *too high, open; too low, close*. With two
    gates that is not enough, as they chase each other: the first one opens, the level falls, the second closes because
    of it, the level rises, and so on until somebody pulls the plug.

    The new rule: only one gate moves at a time, and after a move nobody looks at the level for thirty seconds, since
    that is how long the pond takes to notice.

    - [x] try it with the wheel off
    - [x] try it with the wheel on
    - [ ] try it with a branch in the rake
    - [ ] write it down for the night watch

    See `config/sluice.yaml`. The log of the first days is in `logs/sluice.log`.
    """

  static let notesOfApril = """
    # April

    ## The scale lies

    Sacks of 25 kg came back as 24.9 kg from three customers. The scale said 25.000 each time. It was right, in a way:
    its tare had been set with a *wet* sack.

    | sack  | wet     | dry     | difference |
    |-------|--------:|--------:|-----------:|
    | jute  | 0.412 kg| 0.305 kg|    0.107 kg|
    | paper | 0.171 kg| 0.158 kg|    0.013 kg|

    So: tare with a dry sack, every morning, and write the value beside the date. All customers of the last two weeks
    get a loaf, and those who had weighed it themselves get two.

    ## Visitors

    412 on the open day, against 380 last year. The most frequent question, again: *where does the water go afterwards?*
    """
}
