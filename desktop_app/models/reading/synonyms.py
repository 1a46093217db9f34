"""Words that people ask with and documents answer with: a small thesaurus of everyday, office and manual English."""

_GROUPS = """
vacation holiday leave
sick ill illness unwell disease
doctor physician medical
cost price fee charge rate expense
pay payment paid remunerate salary wage
buy purchase order acquire
sell sale
free gratis complimentary
cancel terminate end quit
expire lapse elapse end
begin start commence open launch
stop halt quit end finish close
finish complete end
delete remove erase destroy discard
add append insert attach
change modify alter edit adjust
make create build produce construct
found establish create start
invent discover develop create
write author compose
fix repair mend correct solve resolve
broken damaged faulty defective
error fault problem failure bug
warranty guarantee
maximum most limit highest largest max up
minimum least lowest smallest min
big large great
small little
total overall altogether together
weight weigh heavy mass
length long
height tall high
width wide
age old born
speed fast quick velocity
employee staff worker colleague personnel
employer company firm business organization
boss manager supervisor lead head
customer client buyer
tenant renter lessee
landlord lessor lender
car vehicle automobile
bicycle bike cycle
flat puncture
film movie
picture image photo photograph
phone telephone call mobile
mail email e-mail message
folder directory
laptop computer notebook device machine
program application software app tool
setting option preference configuration
menu button
password passphrase
permit permission allow authorize approve approval consent
forbid prohibit ban disallow
need require must necessary mandatory
show display view
choose select pick
send submit deliver transmit
receive get obtain
return refund reimburse
keep store save retain hold
lose lost
steal stolen theft
fast quickly rapid
sort kind type
city town
country nation
die dead death
marry wife husband spouse
child kid son daughter
job profession occupation career
teach training course
meeting conference
law legal statute
court judge litigation
license licence
contract agreement
copy duplicate reproduce
share distribute convey
responsible liable liability
danger risk hazard
protect secure security safe
boil boiling
melt melting
symbol sign abbreviation
purpose aim goal
reason because why
advantage benefit
recommend advise suggest
leader president head chair
vote elect election
member participant
default standard preset
version release edition
newest latest current
"""

_BY_WORD: dict[str, set[str]] = {}
for _line in _GROUPS.split("\n"):
    for _word in _line.split():
        _BY_WORD.setdefault(_word, set()).update(_line.split())


def synonyms(word: str) -> frozenset[str]:
    """Words that may stand for `word` (in lower case), itself not included."""
    return frozenset(_BY_WORD.get(word, set()) - {word})
