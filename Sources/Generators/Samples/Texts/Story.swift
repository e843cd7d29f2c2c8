extension SampleData {
  /// A short story: prose in plain ASCII, with paragraphs and lines of some seventy characters.
  static let theMillAtLowwater = """
    THE MILL AT LOWWATER

    1

    When Ansa inherited the mill, it came with a wheel that did not turn, a cat
    that did not come in, and a notebook in which every page said the same: Wait.

    Her aunt had written it in pencil, in ink, once in what looked like beetroot.
    Sometimes there was a date beside it. Sometimes there was a weight, or a little
    drawing of the sluice with an arrow that pointed up. But the word was always
    there, at the foot of the page, like the sum under a column of figures.

    "She was a patient woman," said the carter, who had brought the trunk.

    "She was late for everything," said Ansa.

    "That too," said the carter, and went to see to his mule.

    2

    The trouble with the wheel was easily found. A willow root had grown through
    the head race and drunk it dry. Ansa sawed for two days. On the third, brown
    water came down with leaves on it, looked around, and went to sleep at the
    bottom of the lowest bucket. The wheel did not move.

    She pushed. She oiled what could be oiled. She talked to it in the voice that
    she kept for horses. Then she sat on the wall, opened the notebook, and read
    the word aloud; and because there was nothing else to do, she did it.

    Water came into the bucket as a guest comes into a room where he knows no one.
    It filled a finger's breadth, then a hand's. The bucket creaked. Above it the
    next one had begun to fill with what the first could not hold, and above that
    a third. Toward noon, with nobody touching it, the wheel leaned forward, like
    someone who has heard her name, and went round.

    3

    Everybody in Lowwater brought grain that autumn, and everybody stayed to see
    that it was done in the right order, which was their own first.

    Tobrec of the upper farm had forty sacks, and thought that forty sacks should
    come before four. The widow Ilme had four, and thought that four would be done
    before forty had been carried in. The schoolmaster had half a sack and a book.

    Ansa did as her cousin in the city would have done. She took the first sack in
    the row, poured it into the hopper, and stood beside it until the last grain
    had gone through the stones and the flour lay in the bin. Then she tied the
    sack and took the next. She was never idle. The stones often were: they stood
    while she carried, and they stood while she tied, and when they turned, she
    stood. By evening nine sacks were done, and everybody was cross except for the
    schoolmaster, who had finished his book.

    "It goes as fast as I can go," said Ansa.

    "It does," said Ilme. "But does it go as fast as the water?"

    4

    In the night Ansa lay awake and listened to the race. It did not carry one
    bucket down and come back for the next. It was all on its way at the same time,
    some of it at the weir, some under the bridge, some already on the wheel; and
    none of it was in a hurry.

    She got up and lit the lamp and turned to the drawing with the arrow, and now
    she saw what she had taken for a smudge. There were sacks in it. One at the
    hoist. One over the hopper. One between the stones. One under the spout, and
    one at the scale, and one on the carter's back. Six little sacks, and beneath
    them the word. It had never meant that the miller should wait. It was the list
    of all the things that wait for each other, and need not.

    5

    So the next day she hung a bell in the hopper that rang when it was half empty,
    and a lath in the bin that tipped when it was half full. When the bell rang,
    whoever stood nearest pulled up a sack. When the lath tipped, whoever stood
    nearest tied one. Between the bell and the lath nobody had to do anything, and
    the stones did not stop.

    She learned other things. If ten people pulled sacks at once, the loft was full,
    the ladder was full, and the flour did not come any sooner: so there were three
    hooks on the hoist, and who found no free hook held on to his sack. If the bin
    was full, the hopper was shut until it was not, and the sluice until the hopper
    was not, and then the water itself waited, up in the pond, where there was room
    for it. Nothing was ever heaped in the middle.

    Ilme's four sacks were ready before noon. Tobrec's forty were ready by night.
    Nobody could say any more whose had been first, but each sack bore its owner's
    mark, and on the shelf by the door they stood in the order in which they had
    come.

    6

    The schoolmaster brought back the half sack that he had taken home. There was
    a button in the flour, he said; it was not his.

    "One sack in sixty has something in it," said Ansa. "I don't stop the wheel for
    that. I write it down, and put it to one side, and tell you which."

    She showed him the list on the door. It had his name on it, and the time, and
    the word *button*. He read it with approval, as he read everything.

    "And what do you do," he said, "when all is ground, and nothing comes down
    the race, and there is nobody at the door?"

    Ansa looked at the wheel. It was turning slowly, with no more water on it than
    it needed, and the cat lay asleep on the warm side of the wall. She took the
    pencil from behind her ear, and turned to the first page of the notebook that
    was empty, and wrote the word at the foot of it.
    """
}
