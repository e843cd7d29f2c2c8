extension SampleData {
  static let fieldNotes = """
    FIELD NOTES, walk along the leat from the weir to the mill

    0.00 km   Weir. Eleven boards, the fourth from the left is new (lighter).
              A heron, which pretended to be a post. I pretended to believe it.
    0.12 km   First bend. Bank soft, do not stand there with a full pack.
    0.31 km   Footbridge. 14 planks. Count again: 13 and a gap.
    0.47 km   The water is faster here than I can walk, measured with a stick:
                 run 1    20 m in 14.2 s
                 run 2    20 m in 13.9 s
                 run 3    stick eaten by dog
    0.63 km   Alders. Mint underneath. Smell of bread from somewhere, wind NW.
    0.80 km   Old boundary stone, one side L, other side Q. Moss on the Q.
    0.94 km   Rake in front of the head race. Caught in it today: leaves, a boot,
              half a basket, one apple (good).
    1.02 km   Mill. Wheel going round. Nobody in a hurry.

    To do:    - ask who repairs the footbridge
              - bring a tape that is longer than 20 m
              - return the boot
    """

  static let draft = """
    (A draft. Its name begins with a dash, so a program may take it for an option: say ./-draft.txt, or put -- first.)

    Dear visitors,

    the mill is open on Saturdays from ten to four, when the wheel turns, and on Sundays from ten to four, when it does
    not. Children are welcome. So are questions. Please do not feed the hopper.
    """

  static let notesIndex = """
    # Index of the notes

    - [January](notes/2025-01.md): ice, and what we did about it
    - [February](notes/2025-02.md): the stones are dressed
    - [March](notes/2025-03.md): two gates and a rule
    - [April](notes/2025-04.md): the scale lies
    """

  static let shoppingList = """
    tallow, 2 tins
    hemp rope, 30 m
    oak pegs, 50
    goose feathers (for the bolter)
    lamp oil
    pencils
    biscuits
    """

  static let sluiceRepair = """
    # Repair of the waste sluice, spring 2019

    **Found:** the gate jams at 210 mm and comes loose with a jerk. The left rail is bent by about 8 mm between the
    second and the third bolt; something heavy must have come down in the February water.

    **Done:**

    1. Stop logs set, bay pumped dry (two hours, and one eel, put back).
    2. Rail off, straightened warm, checked against a line: 0.5 mm over the length.
    3. New bolts, greased. The old ones are in the tin marked *not these*.
    4. Gate run up and down ten times by hand, then ten times by motor.

    **Left to do:** the seal at the foot weeps a cup a minute. It can wait for low water.
    """
}
