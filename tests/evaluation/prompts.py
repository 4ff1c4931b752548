"""Prompts of the evaluation: what simulated users ask. The four sets share no prompt.

``DEVELOP_*`` are for trying things out and for tuning; ``REPORT_*`` only for the figures that are reported.
"""

from __future__ import annotations


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


DEVELOP_TRAIN = _lines("""
How do I keep basil alive indoors?
Write a short note to thank a colleague.
Give me ideas for a birthday party.
What is a mortgage, in one sentence?
Suggest a name for a small bakery.
How can I sleep better?
Tell a friend that I will be ten minutes late.
What should I pack for a weekend in the mountains?
Explain why leaves change colour in autumn.
Write one sentence about the sea.
How do I remove a coffee stain?
Recommend a way to learn the guitar.
What does inflation mean?
Write a caption for a photo of my dog.
How do I boil an egg?
Say sorry to a customer for a late parcel.
What is a good breakfast before a run?
Describe a rainy afternoon in two sentences.
How can I save money on groceries?
Invite my neighbour to a barbecue.
What is photosynthesis?
Give me a tip for public speaking.
How do I write a good title?
Wish my aunt a happy retirement.
What are the benefits of walking?
How often should I water a cactus?
Describe your perfect sandwich.
Ask my landlord to fix the heating.
Why is the sky blue?
How do I start a diary?
Suggest a gift for a teacher.
What is a good question for a first meeting?
How do I choose a bicycle?
Write a reminder about a dentist visit.
What is compost good for?
Tell me about the moon in a few words.
How do I calm down before an exam?
Write a slogan for a laundry.
What is the difference between tea and coffee?
How can I make my room brighter?
Congratulate a friend on a new job.
What is a budget?
Give me a quick dinner idea.
How do I clean a keyboard?
Write a line for a get-well card.
What makes a good neighbour?
How do I read more books?
Turn down an invitation politely.
What is a glacier?
Suggest a hobby for winter.
How do I keep a houseplant alive while travelling?
Describe the smell of fresh bread.
What is a solar eclipse?
Ask a colleague for the sales figures.
How do I tie a tie?
Give advice to someone who moves to a new city.
What is a healthy snack?
Write a short advert for a used bicycle.
How do I train a puppy to sit?
What should I say in a voicemail?
""")

DEVELOP_TEST = _lines("""
How do I store tomatoes?
Write a thank-you line to a nurse.
What is a good way to start a speech?
Suggest a name for a cat.
Why do we yawn?
Tell my team that the meeting has moved to Friday.
How can I drink more water?
What is a volcano?
Describe a quiet library.
Recommend a game for a long train ride.
How do I keep bread fresh?
Ask a friend to return a book.
What is interest on a loan?
Give me an idea for a rainy Sunday.
How do I get candle wax off a table?
Write a sentence about winter.
""")

REPORT_TRAIN = _lines("""
How do I grow mint on a balcony?
Write a short note to welcome a new neighbour.
Give me ideas for a picnic.
What is a pension, in one sentence?
Suggest a name for a bookshop.
How can I wake up earlier?
Tell my sister that the train is delayed.
What should I take to the beach?
Explain why the sea is salty.
Write one sentence about autumn.
How do I get rid of ants in the kitchen?
Recommend a way to learn Spanish.
What does a shareholder do?
Write a caption for a photo of a sunset.
How do I cook rice?
Apologise to a guest for the noise.
What is a good lunch for the office?
Describe a busy market in two sentences.
How can I spend less on electricity?
Invite a friend to the cinema.
What is gravity?
Give me a tip for a job interview.
How do I write a summary?
Wish my cousin a happy birthday.
What are the benefits of swimming?
How often should I replace a toothbrush?
Describe your ideal garden.
Ask the hotel for a late check-out.
Why do cats purr?
How do I begin with meditation?
Suggest a present for a six-year-old.
What is a good way to end a letter?
How do I choose running shoes?
Write a reminder about paying the rent.
What is a firewall?
Tell me about honey bees in a few words.
How do I deal with stage fright?
Write a slogan for a coffee bar.
What is the difference between a crocodile and an alligator?
How can I make my desk tidier?
Congratulate a colleague on a promotion.
What is a deposit?
Give me an idea for a packed lunch.
How do I clean white shoes?
Write a line for a wedding card.
What makes a good team?
How do I remember names?
Decline a meeting politely.
What is a desert?
Suggest a hobby for summer.
How do I keep flowers fresh?
Describe the sound of rain.
What is a tide?
Ask a supplier for a price list.
How do I fold a shirt?
Give advice to someone who starts at university.
What is a good drink for a hot day?
Write a short advert for a garage sale.
How do I teach a child to swim?
What should I write in a guest book?
""")

REPORT_TEST = _lines("""
How do I store potatoes?
Write a thank-you line to a bus driver.
What is a good way to open an e-mail?
Suggest a name for a sailing boat.
Why do we dream?
Tell my class that the exam has moved to Monday.
How can I eat more vegetables?
What is an earthquake?
Describe a crowded train station.
Recommend a film night theme.
How do I keep cheese fresh?
Ask a neighbour to water my plants.
What is a credit card?
Give me an idea for a free evening.
How do I get chewing gum off a shoe?
Write a sentence about spring.
How do I prepare for a long flight?
Explain what a vaccine does.
Tell a customer that the shop opens at nine.
What is a good habit for the morning?
Describe an old bridge.
Suggest a topic for a blog.
How can I feel less lonely?
What is recycling?
""")
